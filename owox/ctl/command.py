"""The command tree, and the one place where a failure becomes a message and an exit code."""

import sys

import click

from owox import __version__
from owox.client.errors import OwoxError
from owox.ctl.auth import auth
from owox.ctl.completion import VARIABLE, completion
from owox.ctl.keys import keys
from owox.ctl.listings import destinations, storages
from owox.ctl.marts import data_marts
from owox.ctl.plugins import plugins
from owox.ctl.screen import Exit, ReaderGone, Screen, help_if_bare
from owox.ctl.status import status


@click.group(invoke_without_command=True)
@click.version_option(__version__, message="owox-ctl %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Read OWOX Data Marts with an API key.

    The key comes from flags, else from the environment, else from --env-file or ./.env, else from the stored sign-in:
    as OWOX_API_KEY (the combined value), or as OWOX_API_ORIGIN, OWOX_API_KEY_ID and OWOX_API_KEY_SECRET.

    \b
    Examples:
      owox-ctl auth login
      owox-ctl status
      owox-ctl data-marts list
      owox-ctl data-marts stream ID --limit 1000 > rows.ndjson

    \b
    Exit codes:
      0 done, 1 refused or failed, 2 wrong usage, 3 unreachable, 130 interrupted,
      141 whoever read the output has stopped
    """
    help_if_bare(context)


@cli.command("help")
@click.argument("names", nargs=-1, metavar="[COMMAND]...")
@click.pass_context
def show_help(context: click.Context, names: tuple[str, ...]) -> None:
    """Show the help of a command.

    \b
    Examples:
      owox-ctl help data-marts stream
    """
    found: click.Command = cli
    shown = context.find_root()
    for name in names:
        inner = found.get_command(shown, name) if isinstance(found, click.Group) else None
        if inner is None:
            raise click.UsageError(f"No such command {' '.join(names)!r}.", shown)
        found, shown = inner, click.Context(inner, parent=shown, info_name=name)
    click.echo(found.get_help(shown))


for command in (auth, status, data_marts, storages, destinations, keys, plugins, completion):
    cli.add_command(command)


def run() -> int:
    """Run the command line of this process and return its exit code."""
    screen, stdout = Screen(), sys.stdout
    try:
        code = cli.main(prog_name="owox-ctl", standalone_mode=False, obj=screen, complete_var=VARIABLE)
    except click.UsageError as error:
        screen.misuse(error)
        code = Exit.USAGE
    except click.Abort:
        code = Exit.INTERRUPTED
    except ReaderGone:
        code = Exit.READER_GONE
    except SystemExit as leaving:
        # So click leaves when nobody reads the help, with stdout replaced, and when a shell has its completion.
        code = Exit.READER_GONE if sys.stdout is not stdout else leaving.code
    except OwoxError as error:
        screen.fail(error)
        code = Exit.of(error)
    except OSError as error:
        screen.fail(OwoxError(f"The output cannot be written: {error.strerror or error}"))
        code = Exit.FAILED
    return code if isinstance(code, int) else Exit.DONE
