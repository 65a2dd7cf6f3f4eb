"""Rows as Parquet, made by DuckDB, which infers the types of the columns from all rows. Only this module loads it."""

import glob
from pathlib import Path

import duckdb

from owox.client import Stream
from owox.client.errors import OwoxError
from owox.ctl.progress import Progress

# The longest line that DuckDB takes; each was parsed here before and fits into memory.
_LINE_MAX = 1 << 30


def write_parquet(stream: Stream, part: Path, progress: Progress) -> int:
    """Write rows and return their number; raise ``OwoxError`` where there is none, whose columns nobody knows."""
    lines = part.with_name(f"{part.name}.ndjson")
    try:
        with lines.open("xb") as file:
            for chunk in stream.checked():
                file.write(chunk)
                progress.tell(stream.received)
        if not lines.stat().st_size:
            raise OwoxError(
                "There are no rows, so that the columns of a Parquet file are not known",
                hint="Name a file .ndjson or .csv to have an empty one.",
            )
        return _convert(lines, part)
    finally:
        lines.unlink(missing_ok=True)


def _convert(lines: Path, part: Path) -> int:
    target = str(part).replace("'", "''")
    source = (
        "read_json($lines, format = 'newline_delimited', sample_size = -1, map_inference_threshold = -1, "
        f"maximum_object_size = {_LINE_MAX})"
    )
    try:
        with duckdb.connect() as database:
            copied = database.execute(
                f"COPY (SELECT * FROM {source}) TO '{target}' (FORMAT parquet)",  # noqa: S608
                {"lines": glob.escape(str(lines))},
            ).fetchone()
    except RuntimeError as error:
        # What DuckDB makes of Ctrl-C.
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from None
        raise
    except duckdb.Error as error:
        raise OwoxError(f"The rows cannot be written as Parquet: {str(error).splitlines()[0]}") from None
    return int(copied[0]) if copied else 0
