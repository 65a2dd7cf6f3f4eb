"""`owox audit verify` as a person or a script runs it."""

import json
import sqlite3

import pytest

from tests.admin.conftest import Prepared, prepare
from tests.admin.shell import NearShell, Shell

VERIFY = ["audit", "verify"]


def change(prepared: Prepared, statement: str) -> None:
    """What somebody does who has the file."""
    with sqlite3.connect(prepared.shell.instance / "owox.db") as connection:
        for name in ("update", "delete"):
            connection.execute(f"DROP TRIGGER audit_event_refuse_{name}")
        connection.execute(statement)
    connection.close()


def test_a_whole_log_is_said_to_be_whole_with_its_end_to_keep(either_shell: Shell):
    """U2."""
    made = prepare(either_shell)
    either_shell.works(*made.create_key())

    said, end = either_shell.works(*VERIFY).splitlines()
    document = json.loads(either_shell.works(*VERIFY, "--expect", end, "--json"))

    assert said == f"4 events are whole, from {document['since']} to {document['until']}."
    assert document == {
        "whole": True, "events": 4, "since": document["since"], "until": document["until"], "lastNumber": 4,
        "lastDigest": end.removeprefix("4:"), "firstBadNumber": None, "problem": None,
    }  # fmt: skip


def test_an_empty_log_is_told_as_such(near_shell: NearShell):
    """U2: until something was on record that is missing now."""
    assert near_shell.works(*VERIFY) == "There are no events.\n"
    assert json.loads(near_shell.works(*VERIFY, "--json"))["lastDigest"] is None
    done = near_shell.run(*VERIFY, "--expect", f"1:{'0' * 64}")
    assert (done.returncode, done.stdout) == (1, "No event is whole.\n")


@pytest.mark.parametrize(
    ("statement", "bad", "why"),
    [
        ("UPDATE audit_event SET address = '203.0.113.9' WHERE number = 2", 2, "was changed"),
        ("DELETE FROM audit_event WHERE number = 1", 1, "is missing: in its place stands 2"),
        ("DELETE FROM audit_event WHERE number = 3", 3, "is missing, and so is all up to event 3"),
    ],
)
def test_the_first_bad_event_is_named_and_the_exit_code_is_1(statement: str, bad: int, why: str, near: Prepared):
    """U2."""
    end = near.shell.works(*VERIFY).splitlines()[1]
    change(near, statement)

    plain = near.shell.run(*VERIFY, "--expect", end)
    document = near.shell.run(*VERIFY, "--expect", end, "--json")

    assert plain.returncode == document.returncode == 1
    assert plain.stderr.startswith(f"owox: Event {bad} {why}")
    shape = json.loads(document.stdout)
    assert (shape["whole"], shape["events"], shape["firstBadNumber"]) == (False, bad - 1, bad)
    assert why in shape["problem"]


@pytest.mark.parametrize(
    "end", ["", "3", "3:", "0:" + "0" * 64, "3:" + "G" * 64, "\u0663:" + "0" * 64, "3:" + "0" * 65]
)
def test_an_end_that_was_not_printed_here_is_told_how_to_be_written(end: str, near: Prepared):
    done = near.shell.run(*VERIFY, "--expect", end)

    assert (done.returncode, done.stdout) == (2, "")
    assert "a number, a colon and 64 hexadecimal digits" in done.stderr.replace("\n", " ")
