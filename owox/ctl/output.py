"""``--output FILE``: rows in a file of the form that its name says, which has its name only once it is whole."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

import click

from owox.client import Stream
from owox.client.errors import ConfigError, OwoxError
from owox.ctl.progress import Progress


class Form(StrEnum):
    """What a file of rows can be."""

    NDJSON = ".ndjson"
    CSV = ".csv"
    PARQUET = ".parquet"


@dataclass(frozen=True, slots=True)
class Output:
    """A file to be written. ``path`` is as it was typed."""

    path: str
    form: Form

    @classmethod
    def option(cls, _: click.Context, __: click.Parameter, path: str | None) -> "Output | None":
        """Make sense of the option before anything is asked of a server."""
        if path is None:
            return None
        try:
            form = Form(Path(path).suffix.lower())
        except ValueError:
            raise click.BadParameter(f"{path!r} must end in {', '.join(Form)}.") from None
        if form is Form.PARQUET and find_spec("duckdb") is None:
            raise ConfigError(
                "Writing .parquet needs duckdb, which is not installed",
                hint="Install duckdb beside owox-ctl, or name a file .ndjson or .csv.",
            )
        return cls(path, form)

    @contextmanager
    def beside(self) -> Iterator[Path]:
        """Yield a new file in the same folder. It takes the name at the end of the block, or is removed."""
        # A link stays a link: the file that it leads to is the one replaced.
        target = Path(os.path.realpath(self.path))
        part = target.with_name(f".owox-ctl.{secrets.token_hex(8)}")
        try:
            replaces = target.exists()
            if replaces and not target.is_file():
                raise OwoxError(f"{self.path} cannot be written: it is there and is no file")
            with part.open("xb"):
                pass
            if replaces:
                shutil.copymode(target, part)
            yield part
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(target)
        except OSError as error:
            raise OwoxError(f"{self.path} cannot be written: {error.strerror or error}") from None
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def write(self, stream: Stream, part: Path, check: bool, progress: Progress) -> int | None:
        """Write all rows and return their number, ``None`` where nobody counts; raise ``ApiError``, ``OSError``."""
        if self.form is Form.NDJSON:
            with part.open("wb") as file:
                copy(stream, file.write, check, progress)
            return None
        if self.form is Form.CSV:
            from owox.ctl.csv import write_csv

            return write_csv(stream, part, progress)
        from owox.ctl.parquet import write_parquet

        return write_parquet(stream, part, progress)


def copy(stream: Stream, write: Callable[[bytes], object], check: bool, progress: Progress) -> None:
    """Pass NDJSON on byte for byte, each line parsed before if ``check``. Nothing else looks into it."""
    for chunk in stream.checked() if check else stream.chunks():
        write(chunk)
        progress.tell(stream.received)
