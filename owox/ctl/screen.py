"""What the command writes: JSON or a table to stdout, notes and errors to stderr."""

import codecs
import errno
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum, StrEnum
from typing import Any, TypeVar

import click

from owox.client.errors import ConfigError, NetworkError, OwoxError, without_secrets

Command = TypeVar("Command", bound=Callable[..., Any])

# Titles and messages come from a server: what could move the cursor or reorder a line is not for a terminal.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LINE_BREAKING = re.compile(r"[\t\n\u2028\u2029]")


class Exit(IntEnum):
    """What the process ends with."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    INTERRUPTED = 130
    # As a shell sees git, grep or tar end: what was not read is not whole, which 0 would say.
    READER_GONE = 141

    @classmethod
    def of(cls, error: OwoxError) -> "Exit":
        """Return the exit code that an error ends with."""
        return cls.UNREACHABLE if isinstance(error, NetworkError) else cls.FAILED


class Format(StrEnum):
    """How a command answers."""

    TABLE = "table"
    JSON = "json"


class ReaderGone(Exception):
    """Whoever read stdout has stopped reading."""


class Screen:
    """The two outputs of one run of the command. ``format`` also decides how errors are written."""

    def __init__(self) -> None:
        self.on_terminal = sys.stdout is not None and sys.stdout.isatty()
        self.format = Format.TABLE if self.on_terminal else Format.JSON
        self.color = self.on_terminal and not os.environ.get("NO_COLOR")
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def write(self, data: bytes) -> None:
        """Write bytes and hand them to the reader at once; raise ``ReaderGone`` or ``OSError``."""
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # The interpreter flushes stdout once more as it ends, and would complain about the same pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise ReaderGone from None

    def rows(self, data: bytes) -> None:
        """Write NDJSON as it is; on a terminal, what that would obey is escaped, as JSON may escape it."""
        self.write(_escaped(self._decode(data)).encode() if self.on_terminal else data)

    def json(self, value: Any) -> None:
        """Write one JSON document, members in the order given."""
        self.write(_document(value))

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines of text, cleaned of what a terminal would obey."""
        encoding = sys.stdout.encoding if sys.stdout is not None else "utf-8"
        self.write("".join(f"{_in_one_line(line)}\n" for line in lines).encode(encoding, "backslashreplace"))

    def table(self, columns: Mapping[str, str], items: Iterable[Mapping[str, Any]]) -> None:
        """Write a table of these members of the items, or ``No results``; ``columns`` are titles and names of members.

        Off a terminal each row is one line, however long.
        """
        from owox.ctl.table import UNLIMITED_WIDTH, draw

        rows = [[_in_one_line(_cell(item.get(member))) for member in columns.values()] for item in items]
        drawn = draw(list(columns), rows, self.color, None if self.on_terminal else UNLIMITED_WIDTH)
        encoding = sys.stdout.encoding if sys.stdout is not None else "utf-8"
        self.write(drawn.encode(encoding, "backslashreplace"))

    def note(self, sentence: str) -> None:
        """Say something beside the answer, on stderr."""
        _to_stderr(f"Note: {printable(sentence)}\n".encode())

    def tell(self, lines: Iterable[str]) -> None:
        """Say what is to be done for the answer to come, on stderr."""
        _to_stderr("".join(f"{printable(line)}\n" for line in lines).encode())

    def warn(self, sentence: str) -> None:
        """Say something that wants doing, on stderr."""
        _to_stderr(f"Warning: {printable(sentence)}\n".encode())

    def misuse(self, error: click.UsageError) -> None:
        """Write what is wrong with the command line to stderr, as any other error."""
        where = error.ctx.command_path if error.ctx else "owox-ctl"
        # It quotes what was typed, which may have been a secret in the wrong place.
        self.fail(ConfigError(without_secrets(error.format_message()), hint=f"Run {where} --help."))

    def fail(self, error: OwoxError) -> None:
        """Write an error to stderr: JSON when that is the format, else plain sentences."""
        if self.format is Format.JSON:
            _to_stderr(_document({"error": error.as_json()}))
        else:
            self.tell(error.sentences())


def format_options(command: Command) -> Command:
    """Give a command ``--format`` and ``--no-color``; both set the ``Screen`` that the command receives."""
    no_color = click.option(
        "--no-color",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_set_color,
        help="No colour (also: NO_COLOR=1).",
    )
    chosen = click.option(
        "--format",
        type=click.Choice([str(choice) for choice in Format]),
        is_eager=True,
        expose_value=False,
        callback=_set_format,
        help="Default: table on a terminal, JSON otherwise.",
    )
    return chosen(no_color(command))


def help_if_bare(context: click.Context) -> None:
    """Show a group's help when no command of it was named."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def printable(text: str) -> str:
    """Replace what a terminal would obey instead of show."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _in_one_line(text: str) -> str:
    return _LINE_BREAKING.sub(" ", printable(text))


def _escaped(text: str) -> str:
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _set_format(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.find_object(Screen).format = Format(value)  # type: ignore[union-attr]


def _set_color(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        context.find_object(Screen).color = False  # type: ignore[union-attr]


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _document(value: Any) -> bytes:
    # A lone surrogate becomes \udXXX, which is how JSON itself writes it.
    return f"{_escaped(json.dumps(value, indent=2, ensure_ascii=False))}\n".encode("utf-8", "backslashreplace")


def _to_stderr(data: bytes) -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
        sys.stderr.buffer.write(data)
        sys.stderr.buffer.flush()
