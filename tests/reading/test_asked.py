"""What a record keeps of a request, read back as a client would send it."""

import json
from decimal import Decimal
from typing import Any

import pytest

from owox.reading.asked import describe
from owox.reading.query import Query, parse_query
from tests.reading.encoded import encode, raw

CONTROLS = ("filter", "sort", "aggregation", "dateTrunc")


def sent(**controls: Any) -> Query:
    """A request with these controls, given as rules."""
    return parse_query([("column", "a"), *((name, encode(rules)) for name, rules in controls.items())])


def again(query: Query) -> Query:
    """The request that its record describes."""
    asked = json.loads(json.dumps(describe(query)))
    limit = [("limit", str(asked.pop("limit")))] if "limit" in asked else []
    return parse_query(
        [*(("column", name) for name in query.columns), *limit, *((n, encode(r)) for n, r in asked.items())]
    )


@pytest.mark.parametrize(
    "rule",
    [
        {"operator": "eq", "value": "x"},
        {"operator": "eq", "value": ""},
        {"operator": "eq", "value": False},
        {"operator": "eq", "value": 0},
        {"operator": "gt", "value": -1.5},
        {"operator": "lt", "value": 123456789012345678901234567890},
        {"operator": "lt", "value": 5e-324},
        {"operator": "gte", "value": 1.7976931348623157e308},
        {"operator": "is_null"},
        {"operator": "in", "value": ["x"]},
        {"operator": "not_in", "value": [1, 2.5]},
        {"operator": "between", "value": {"from": "2026-01-01", "to": "2026-02-01"}},
        {"operator": "relative_date", "value": {"kind": "today"}},
        {"operator": "relative_date", "value": {"kind": "last_n_days", "n": 7}},
        {"operator": "regex", "value": "^[a-z]+'\u2028\U0001f9ff"},
        {"operator": "eq", "value": "x", "placement": "pre-join"},
        {"operator": "gt", "value": 1, "function": "SUM"},
    ],
)
def test_a_filter_is_described_as_it_was_sent(rule: dict[str, Any]) -> None:
    query = sent(filter=[{"column": "a", **rule}])

    assert describe(query) == {"filter": [{"column": "a", **rule}]}
    assert again(query) == query


def test_every_control_is_described_and_none_that_was_not_given() -> None:
    controls = {
        "filter": [{"column": "a", "operator": "is_null"}, {"column": "b", "operator": "is_not_null"}],
        "sort": [{"column": "a", "direction": "desc"}, {"column": "b", "direction": "asc"}],
        "aggregation": [{"column": "a", "function": "P50"}, {"column": "a", "function": "SUM"}],
        "dateTrunc": [{"column": "a", "unit": "WEEK", "timeZone": "Europe/Kyiv"}, {"column": "b", "unit": "DAY"}],
    }
    query = sent(**controls)

    assert describe(query) == controls
    assert again(query) == query
    assert describe(parse_query([("limit", "9223372036854775807")])) == {"limit": 2**63 - 1}
    assert describe(parse_query([])) == describe(sent(**{name: [] for name in CONTROLS})) == {}


def test_what_was_not_understood_is_not_described() -> None:
    query = sent(filter=[{"column": "a", "operator": "is_null", "value": ["x"], "other": 1, "placement": None}])

    assert describe(query) == {"filter": [{"column": "a", "operator": "is_null"}]}


def test_numbers_beyond_38_digits_are_described_by_the_nearest_double() -> None:
    numbers = "[1e38, 0.12345678901234567891, 1.0]"
    query = parse_query([("filter", raw(f'[{{"column": "a", "operator": "in", "value": {numbers}}}]'))])

    assert query.filters[0].values[1] == Decimal("0.12345678901234567891")
    assert describe(query)["filter"][0]["value"] == [1e38, 0.12345678901234568, 1]
