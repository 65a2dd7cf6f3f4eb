"""``owox-ctl completion``: what a shell loads to complete commands and options."""

import click

from owox.ctl.screen import Screen

VARIABLE = "_OWOX_CTL_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      source <(owox-ctl completion bash)          # in ~/.bashrc
      source <(owox-ctl completion zsh)           # in ~/.zshrc, after compinit
      owox-ctl completion fish | source           # in ~/.config/fish/config.fish
    """
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    kind = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}[shell]
    script = kind(context.find_root().command, {}, "owox-ctl", VARIABLE).source()
    context.ensure_object(Screen).write(script.encode())
