"""What row streams are compared with: the same table over the same server, with one ``json.dumps`` a row in Python.

``python -m tests.benchmarks.row_by_row PORT STORAGE ADDRESS``
"""

import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import duckdb
import psycopg
from flask import Flask, Response
from waitress import serve

from owox.admin.serve import BUFFER_BYTES, THREADS

BATCH = 4_096
app = Flask(__name__)
storage, address = sys.argv[2:]


@app.get("/")
def ready() -> str:
    """Answer."""
    return storage


@app.get("/rows")
def rows() -> Response:
    """The whole table, a batch of rows a chunk."""
    return Response(_lines(), content_type="application/x-ndjson")


def _lines() -> Iterator[bytes]:
    with _cursor() as cursor:
        cursor.execute("SELECT * FROM bench")
        names = [column[0] for column in cursor.description]
        while batch := cursor.fetchmany(BATCH):
            yield _written(names, batch)


def _written(names: list[str], batch: Iterable[tuple[Any, ...]]) -> bytes:
    lines = [
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, separators=(",", ":"), default=str)
        for row in batch
    ]
    return ("\n".join(lines) + "\n").encode()


@contextmanager
def _cursor() -> Iterator[Any]:
    if storage == "PostgreSQL":
        # A named cursor, since a plain one would read all rows before the first.
        with psycopg.connect(address) as connection, connection.cursor("bench") as cursor:
            yield cursor
        return
    with closing(
        duckdb.connect(address, read_only=True) if storage == "DuckDB" else sqlite3.connect(address)
    ) as connection:
        yield connection.cursor()


serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=THREADS, outbuf_high_watermark=BUFFER_BYTES, ident=None)
