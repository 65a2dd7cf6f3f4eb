"""What a column of SQLite is taken for.

SQLite keeps what it is given: any value may stand in any column but a few. A column goes by its declared type:

    INTEGER      a name with INT in it
    TEXT         a name with CHAR, CLOB or TEXT in it, and STRING
    REAL         a name with REAL, FLOA or DOUB in it
    DECIMAL      DECIMAL and NUMERIC, DECIMAL(10,2) with its scale; kept by SQLite as whole numbers of 64 bits or as
                 doubles, of which 15 digits can be relied on
    BOOLEAN      BOOLEAN and BOOL; 1 is true and 0 is false
    DATE, DATETIME, TIMESTAMP, TIME, TIMESTAMP WITH TIME ZONE (or TIMESTAMPTZ)
                 text as ISO 8601 and SQLite itself write it; one with an offset is taken to UTC, one without in a
                 column with time zone is UTC. Numbers, such as seconds since 1970, are numbers, and no dates
    BLOB         a name with BLOB or BINARY in it
    JSON         JSON

Any other column, such as that of an expression, goes by the values in the first 1,000 rows: INTEGER or REAL if they
are all numbers, BLOB if they are all bytes, else TEXT.

A value that its column's type does not fit is written as what it is. Filters, other than those for NULL, take it for
different from everything; aggregates, other than COUNT, COUNT_DISTINCT and ANY_VALUE, leave it out.
"""

import re
from typing import Final

from owox.reading.fields import plain_name

SAMPLE_ROWS: Final = 1_000
ZONED: Final = "TIMESTAMP WITH TIME ZONE"
MOMENTS: Final = {"DATETIME", "TIMESTAMP"}

_SAME: Final = {"DATE", "DATETIME", "TIMESTAMP", "TIME", "BOOLEAN", "JSON", ZONED}
_OTHER_NAMES: Final = {
    "BOOL": "BOOLEAN",
    "STRING": "TEXT",
    "TIMESTAMPTZ": ZONED,
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
    "TIMESTAMP_NTZ": "TIMESTAMP",
}
_DECIMALS: Final = {"DECIMAL", "NUMERIC"}
_SCALE: Final = re.compile(r"\(\s*(\d{1,3})\s*(?:,\s*(\d{1,2})\s*)?\)")
# In SQLite's own order of looking (its documentation of column affinity).
_PARTS: Final = (
    ("INT", "INTEGER"), ("CHAR", "TEXT"), ("CLOB", "TEXT"), ("TEXT", "TEXT"), ("BLOB", "BLOB"), ("BINARY", "BLOB"),
    ("REAL", "REAL"), ("FLOA", "REAL"), ("DOUB", "REAL"),
)  # fmt: skip


def type_of(declared: str) -> str | None:
    """Return the type that a declared one stands for; None when it says nothing."""
    name = plain_name(declared)
    if name in _SAME:
        return name
    if name in _DECIMALS:
        digits = _SCALE.search(declared)
        return f"DECIMAL({digits[1]},{digits[2] or 0})" if digits else "DECIMAL"
    return _OTHER_NAMES.get(name) or next((kind for part, kind in _PARTS if part in name), None)


def type_of_values(classes: frozenset[str]) -> str:
    """Return the type of a column that holds values of these storage classes, ``null`` aside."""
    found = classes - {"null"}
    if found == {"integer"}:
        return "INTEGER"
    if found and found <= {"integer", "real"}:
        return "REAL"
    return "BLOB" if found == {"blob"} else "TEXT"
