"""The command tree, and the one place where a failure becomes a message and an exit code."""

import click

from owox import __version__
from owox.client.errors import OwoxError
from owox.ctl.auth import auth
from owox.ctl.marts import data_marts
from owox.ctl.screen import Exit, ReaderGone, Screen, help_if_bare
from owox.ctl.status import status


@click.group(invoke_without_command=True)
@click.version_option(__version__, message="owox-ctl %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Read OWOX Data Marts with an API key.

    The key comes from the environment, else from --env-file or ./.env, else from the stored sign-in: as OWOX_API_KEY
    (the combined value), or as OWOX_API_ORIGIN, OWOX_API_KEY_ID and OWOX_API_KEY_SECRET.

    \b
    Examples:
      owox-ctl auth login
      owox-ctl status
      owox-ctl data-marts list
      owox-ctl data-marts stream ID --limit 1000 > rows.ndjson

    \b
    Exit codes:
      0 done, 1 refused or failed, 2 wrong usage, 3 unreachable, 130 interrupted
    """
    help_if_bare(context)


cli.add_command(status)
cli.add_command(auth)
cli.add_command(data_marts)


def run() -> int:
    """Run the command line of this process and return its exit code."""
    screen = Screen()
    try:
        code = cli.main(prog_name="owox-ctl", standalone_mode=False, obj=screen)
    except click.UsageError as error:
        error.show()
        code = Exit.USAGE
    except click.Abort:
        code = Exit.INTERRUPTED
    except ReaderGone:
        # The reader has what it wanted; had it failed, its own exit code says so.
        code = Exit.DONE
    except OwoxError as error:
        screen.fail(error)
        code = Exit.of(error)
    except OSError as error:
        screen.fail(OwoxError(f"The output cannot be written: {error.strerror or error}"))
        code = Exit.FAILED
    return code if isinstance(code, int) else Exit.DONE
