"""The instant at which a key ends, in every form that people and programs write."""

import os
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from owox.models.base import instant, milliseconds
from owox.services.errors import Invalid, Problem
from owox.services.expiry import after_days, end_of_day, future, parse_instant, parse_when

NOW = datetime(2026, 11, 25, 10, 0, 0, 500_000, tzinfo=UTC)


def problem(text: str, read=parse_instant) -> Problem:
    """What is wrong with a text."""
    with pytest.raises(Invalid) as caught:
        read(text, NOW)
    return caught.value.problem


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2027-01-01", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2027-01-01T12:30:00Z", datetime(2027, 1, 1, 12, 30, tzinfo=UTC)),
        ("2027-01-01T12:30:00.9999999+02:00", datetime(2027, 1, 1, 10, 30, 0, 999_000, tzinfo=UTC)),
        ("2028-02-29T23:59:59-23:59", datetime(2028, 3, 1, 23, 58, 59, tzinfo=UTC)),
        ("2026-11-25T10:00:00.501Z", datetime(2026, 11, 25, 10, 0, 0, 501_000, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_it_is_written(text: str, at: datetime):
    """K9."""
    assert parse_instant(text, NOW) == at


@pytest.mark.parametrize(
    "text", ["2026-11-25T10:00:00.500Z", "2026-11-25T10:00:00.500999Z", "2026-11-25", "1900-01-01"]
)
def test_an_expiry_must_be_later_than_now(text: str):
    """K8, K9: to the millisecond that is stored."""
    assert problem(text) is Problem.PAST


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?"))
def test_any_text_is_an_instant_in_the_future_or_invalid(text: str):
    """K9: never another error."""
    for read in (parse_instant, parse_when):
        try:
            at = read(text, NOW)
        except Invalid as invalid:
            assert invalid.problem in {Problem.NOT_A_DATE, Problem.PAST}  # noqa: PT017
            continue
        assert at is None or (at > NOW and at.tzinfo is UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("never", None),
        ("90d", NOW + timedelta(days=90)),
        ("1d", NOW + timedelta(days=1)),
        ("2027-03-31", datetime(2027, 3, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        ("2026-11-25", datetime(2026, 11, 25, 23, 59, 59, 999_000, tzinfo=UTC)),
        ("2027-03-31T00:00:00+02:00", datetime(2027, 3, 30, 22, tzinfo=UTC)),
    ],
)
def test_a_command_line_may_say_it_in_four_ways(text: str, at: datetime | None):
    assert parse_when(text, NOW) == at


@pytest.mark.parametrize(
    "text", ["", "0", "d", "90", "-1d", "99999999d", "90D", "1.5d", "Never", "2026-W50", "2027-02-30"]
)
def test_a_command_line_that_says_it_otherwise_is_refused(text: str):
    assert problem(text, parse_when) is Problem.NOT_A_DATE


def test_no_days_at_all_lie_in_the_past():
    assert problem("0d", parse_when) is Problem.PAST


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("UTC", datetime(2027, 3, 14, 23, 59, 59, 999_000, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2027, 3, 14, 9, 59, 59, 999_000, tzinfo=UTC)),
        ("America/St_Johns", datetime(2027, 3, 15, 2, 29, 59, 999_000, tzinfo=UTC)),  # clocks went forward that day
        ("Europe/Kyiv", datetime(2027, 3, 14, 21, 59, 59, 999_000, tzinfo=UTC)),
    ],
)
def test_a_chosen_day_ends_where_the_member_is(zone: str, at: datetime):
    """K9."""
    assert end_of_day("2027-03-14", ZoneInfo(zone), NOW) == at


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/St_Johns", "Europe/Kyiv"])
def test_the_servers_own_time_zone_changes_nothing(zone: str, monkeypatch: pytest.MonkeyPatch):
    """K9."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        read = parse_instant("2027-03-28T01:30:00Z", NOW), parse_when("2027-03-28", NOW), instant(milliseconds(NOW))
    finally:
        monkeypatch.undo()
        time.tzset()

    assert read == (
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
        datetime(2027, 3, 28, 23, 59, 59, 999_000, tzinfo=UTC),
        NOW,
    )
    assert os.environ.get("TZ") != zone or zone == "UTC"


@pytest.mark.parametrize("text", ["9999-12-31", "10000-01-01", "0001-01-01", "x", "2027-02-29"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns"])
def test_days_at_the_ends_of_the_calendar_are_read_or_invalid(text: str, zone: str):
    """K9."""
    try:
        assert end_of_day(text, ZoneInfo(zone), NOW).year >= 9999
    except Invalid as invalid:
        assert invalid.field == "expiresAt"  # noqa: PT017


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_is_stored_in_whole_milliseconds_and_read_back(at: datetime):
    """K9: before 1970, past 2038, to the end of year 9999."""
    stored = instant(milliseconds(at))

    assert stored == at.replace(microsecond=at.microsecond // 1000 * 1000)


@given(st.integers(min_value=0, max_value=10**7))
def test_any_number_of_days_is_in_the_future_or_invalid(days: int):
    try:
        assert after_days(days, NOW) > NOW
    except Invalid as invalid:
        assert days == 0 or invalid.problem is Problem.NOT_A_DATE  # noqa: PT017


def test_less_than_a_millisecond_is_no_future():
    with pytest.raises(Invalid):
        future(NOW + timedelta(microseconds=999), NOW)
