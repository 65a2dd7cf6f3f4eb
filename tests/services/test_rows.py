"""Streams that are no longer allowed: nothing that comes late is handed out."""

import time
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import Run, RunStatus
from owox.reading.query import parse_query
from owox.reading.stream import StreamCut
from owox.services import marts, members
from owox.services.errors import Forbidden, Unavailable
from owox.services.rows import CHECK_SECONDS, MOST_PER_MEMBER, Check, OpenStream, Wanted
from tests.cast import Stage


class SlowStorage(Iterator[bytes]):
    """Rows that take longer than a permission holds, and cannot be interrupted."""

    def __next__(self) -> bytes:
        time.sleep(CHECK_SECONDS + 0.05)
        return b'{"id":1}\n'

    def interrupt(self) -> None:
        """Go on all the same."""

    def close(self) -> None:
        """Hold nothing."""


class Once:
    """A permission that is given once."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, _session: Session, _moment: datetime) -> None:
        self.asked += 1
        if self.asked > 1:
            raise Forbidden("no longer")


def wanted(stage: Stage, may_still_read: Check, name: str = "vera") -> Wanted:
    """Somebody's read of the orders."""
    with Session(stage.engine, expire_on_commit=False) as session:
        caller = members.caller_in(session, stage[name].member_id, stage[name].project_id)
        mart = marts.for_reading(session, caller, stage.cast.marts["Orders"])
    return Wanted(caller, mart, parse_query([]), may_still_read)


def test_rows_that_come_after_the_permission_ended_are_not_handed_out(stage: Stage):
    """K10."""
    permission = Once()
    stream = OpenStream(stage.services.streams, wanted(stage, permission), "a run that is not recorded", SlowStorage())

    with pytest.raises(StreamCut, match="no longer"):
        next(stream)

    assert permission.asked == 2


def test_a_read_that_is_refused_before_its_first_row_is_told_why(stage: Stage):
    """K10: while the answer can still say so; nothing is left reading."""
    permission = Once()
    permission.asked = 1

    with pytest.raises(Forbidden, match="no longer"):
        stage.services.streams.open(wanted(stage, permission), datetime.now().astimezone())

    with stage.session() as session:
        assert session.scalars(select(Run.status)).all() == [RunStatus.RESTRICTED]


def test_a_server_that_stops_before_the_first_row_says_so(stage: Stage):
    """S9: the server stops just when the permission is asked."""
    asked = wanted(stage, lambda _session, _moment: stage.services.streams.stop())

    with pytest.raises(Unavailable, match=r"The server stopped\. Try again\."):
        stage.services.streams.open(asked, datetime.now().astimezone())

    with stage.session() as session:
        assert session.scalars(select(Run.status)).all() == [RunStatus.INTERRUPTED]


def test_the_run_of_a_stream_that_was_cut_says_why(stage: Stage):
    """K10: the thread that watches does it, while nobody reads."""
    permission = Once()
    stream = stage.services.streams.open(wanted(stage, permission), datetime.now().astimezone())
    next(stream)

    time.sleep(2 * CHECK_SECONDS)

    with pytest.raises(StreamCut):
        next(stream)
    with stage.session() as session:
        run = session.scalars(select(Run)).one()
    assert (run.status, run.error, run.row_count) == (RunStatus.RESTRICTED, "The read may not go on: no longer", 3)


def test_readers_who_do_not_read_on_leave_streams_for_others(stage: Stage):
    """I11: a member holds half of them at most."""
    now = datetime.now().astimezone()
    streams = stage.services.streams
    held = [streams.open(wanted(stage, lambda *_: None), now) for _ in range(MOST_PER_MEMBER)]

    with pytest.raises(Unavailable, match="Too many row streams"):
        streams.open(wanted(stage, lambda *_: None), now)
    held.append(streams.open(wanted(stage, lambda *_: None, "bob"), now))

    assert {next(stream).count(b"\n") for stream in held} == {3}
    for stream in held:
        stream.close()
