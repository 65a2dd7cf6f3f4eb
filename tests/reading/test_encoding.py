"""The shape of filter, sort, aggregation and dateTrunc (contract.md 4.2)."""

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from owox.reading.controls import Aggregation, DateBucket, Filter, Operator, Relative, Sort, Span, Unit
from owox.reading.encoding import ENCODED_MAX
from owox.reading.fields import Function
from owox.reading.query import Query, QueryError, parse_query
from tests.reading.encoded import encode, raw


def parsed(name: str, rules: Any) -> Query:
    return parse_query([("column", "a"), (name, encode(rules))])


def refusal(name: str, value: str) -> str:
    with pytest.raises(QueryError) as caught:
        parse_query([("column", "a"), (name, value)])
    return str(caught.value)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"operator": "eq", "value": "x"}, Filter("a", Operator.EQ, ("x",))),
        ({"operator": "gt", "value": 1.5}, Filter("a", Operator.GT, (Decimal("1.5"),))),
        ({"operator": "eq", "value": True}, Filter("a", Operator.EQ, (True,))),
        ({"operator": "is_null"}, Filter("a", Operator.IS_NULL)),
        ({"operator": "is_null", "value": [{}]}, Filter("a", Operator.IS_NULL)),
        ({"operator": "in", "value": ["x", ""]}, Filter("a", Operator.IN, ("x", ""))),
        ({"operator": "not_in", "value": [1, 2]}, Filter("a", Operator.NOT_IN, (Decimal(1), Decimal(2)))),
        ({"operator": "between", "value": {"from": 1, "to": 2}},
         Filter("a", Operator.BETWEEN, (Decimal(1), Decimal(2)))),
        ({"operator": "relative_date", "value": {"kind": "today"}},
         Filter("a", Operator.RELATIVE_DATE, (), Relative(Span.TODAY))),
        ({"operator": "relative_date", "value": {"kind": "last_n_days", "n": 7.0}},
         Filter("a", Operator.RELATIVE_DATE, (), Relative(Span.LAST_N_DAYS, 7))),
        ({"operator": "eq", "value": "x", "placement": "pre-join"}, Filter("a", Operator.EQ, ("x",), None, True)),
        ({"operator": "gt", "value": 1, "function": "SUM", "placement": "post-join"},
         Filter("a", Operator.GT, (Decimal(1),), None, False, Function.SUM)),
        ({"operator": "eq", "value": "x", "other": {"deep": [1]}}, Filter("a", Operator.EQ, ("x",))),
    ],
)  # fmt: skip
def test_a_filter_is_understood(rule: dict[str, Any], expected: Filter) -> None:
    assert parsed("filter", [{"column": "a", **rule}]).filters == (expected,)


def test_the_other_controls_are_understood() -> None:
    assert parsed("sort", [{"column": "a", "direction": "desc"}, {"column": "b", "direction": "asc"}]).sorts == (
        Sort("a", True), Sort("b"),
    )  # fmt: skip
    assert parsed("aggregation", [{"column": "a", "function": "P50"}]).aggregations == (Aggregation("a", Function.P50),)
    assert parsed("dateTrunc", [{"column": "a", "unit": "WEEK", "timeZone": "Europe/Kyiv"}]).buckets == (
        DateBucket("a", Unit.WEEK, "Europe/Kyiv"),
    )


@pytest.mark.parametrize("value", [raw("null"), raw("[]"), raw(" [ ] "), "W10", "W10=", "W10=="])
@pytest.mark.parametrize("name", ["filter", "sort", "aggregation", "dateTrunc"])
def test_null_and_an_empty_list_ask_for_nothing(name: str, value: str) -> None:
    assert parse_query([(name, value)]) == Query(True)


def test_both_alphabets_of_base64_are_read() -> None:
    text = json.dumps([{"column": "a", "operator": "eq", "value": "ÿÿ>>??~~"}], ensure_ascii=False).encode()
    for encoded in (base64.b64encode(text).decode(), base64.urlsafe_b64encode(text).decode()):
        for sent in (encoded, encoded.rstrip("=")):
            assert parse_query([("filter", sent)]).filters[0].values == ("ÿÿ>>??~~",)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", f"filter: filter must be 1 to {ENCODED_MAX} characters"),
        ("A" * (ENCODED_MAX + 1), f"filter: filter must be 1 to {ENCODED_MAX} characters"),
        ("W10$", "filter: Invalid filter: value is not valid base64url"),
        ("W", "filter: Invalid filter: value is not valid JSON"),
        ("W1", "filter: Invalid filter: value is not valid JSON"),
        ("_w", "filter: Invalid filter: value is not valid JSON"),
        (raw("[NaN]"), "filter: Invalid filter: value is not valid JSON"),
        (raw('[{"a":1,"a":2}]'), "filter: Invalid filter: value is not valid JSON"),
        (raw("[" * 6000), "filter: Invalid filter: value is not valid JSON"),
        (raw('{"a":' * 1000 + "1" + "}" * 1000), "filter: Invalid filter: "),
        (raw("9" * 6000), "filter: Invalid filter: Expected array, received number"),
        (raw("{}"), "filter: Invalid filter: Expected array, received object"),
        (raw('["x"]'), "filter: Invalid filter: 0: Expected object, received string"),
    ],
)
def test_what_is_no_json_array_is_refused(value: str, text: str) -> None:
    assert refusal("filter", value).startswith(text)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"operator": "eq", "value": "x"}, "0.column: Required"),
        ({"column": "", "operator": "eq", "value": "x"}, "0.column: String must contain at least 1 character(s)"),
        ({"column": 1, "operator": "eq", "value": "x"}, "0.column: Expected string, received number"),
        ({"column": "a\0", "operator": "eq", "value": "x"}, "0.column: String must not contain NUL"),
        ({"column": "a", "value": "x"}, "0.operator: Required"),
        ({"column": "a", "operator": "like", "value": "x"}, "0.operator: Invalid enum value. Expected 'eq' | 'neq'"),
        ({"column": "a", "operator": "eq"}, "0.value: Required"),
        ({"column": "a", "operator": "eq", "value": None}, "0.value: Expected string, number or boolean, received n"),
        ({"column": "a", "operator": "eq", "value": []}, "0.value: Expected string, number or boolean, received array"),
        ({"column": "a", "operator": "eq", "value": "\ud800"}, "0.value: String must not contain NUL or a lone"),
        ({"column": "a", "operator": "in", "value": "x"}, "0.value: Expected array, received string"),
        ({"column": "a", "operator": "in", "value": []}, "0.value: Array must contain 1 to 500 elements"),
        ({"column": "a", "operator": "in", "value": [1] * 501}, "0.value: Array must contain 1 to 500 elements"),
        ({"column": "a", "operator": "in", "value": [1, "x"]}, "0.value: All elements must be strings"),
        ({"column": "a", "operator": "in", "value": [True]}, "0.value: All elements must be strings"),
        ({"column": "a", "operator": "between", "value": 1}, "0.value: Expected object, received number"),
        ({"column": "a", "operator": "between", "value": {"from": 1}}, "0.value.to: Required"),
        ({"column": "a", "operator": "between", "value": {"from": 1, "to": "2"}}, "0.value: from and to must have the"),
        ({"column": "a", "operator": "relative_date", "value": "today"}, "0.value: Expected object, received string"),
        ({"column": "a", "operator": "relative_date", "value": {"kind": "now"}}, "0.value.kind: Invalid enum value"),
        ({"column": "a", "operator": "relative_date", "value": {"kind": "last_n_days"}}, "0.value.n: Required"),
        ({"column": "a", "operator": "relative_date", "value": {"kind": "last_n_days", "n": 0}}, "0.value.n: Number"),
        ({"column": "a", "operator": "relative_date", "value": {"kind": "last_n_days", "n": 3651}}, "0.value.n: Num"),
        ({"column": "a", "operator": "relative_date", "value": {"kind": "last_n_days", "n": 1.5}}, "0.value.n: Number"),
        ({"column": "a", "operator": "eq", "value": "x", "placement": "x"}, "0.placement: Invalid enum value"),
        ({"column": "a", "operator": "eq", "value": "x", "function": "sum"}, "0.function: Invalid enum value"),
    ],
)  # fmt: skip
def test_a_filter_of_the_wrong_shape_is_told_where(rule: dict[str, Any], text: str) -> None:
    assert refusal("filter", encode([rule])).startswith(f"filter: Invalid filter: {text}")


@pytest.mark.parametrize("number", ["1e999", "-1e400", "1e999999999999"])
def test_a_number_that_is_not_finite_is_refused(number: str) -> None:
    text = f'[{{"column":"a","operator":"eq","value":{number}}}]'

    assert refusal("filter", raw(text)) == "filter: Invalid filter: 0.value: Number must be finite"


def test_the_other_controls_are_told_where_they_are_wrong() -> None:
    assert refusal("sort", encode([{"column": "a"}])) == "sort: Invalid sort: 0.direction: Required"
    assert refusal("aggregation", encode([{"column": "a", "function": "sum"}])).startswith(
        "aggregation: Invalid aggregation: 0.function: Invalid enum value"
    )
    assert refusal("dateTrunc", encode([{"column": "a", "unit": "DAY", "timeZone": 1}])) == (
        "dateTrunc: Invalid dateTrunc: 0.timeZone: Expected string, received number"
    )


def test_groups_need_exact_columns() -> None:
    rules = encode([{"column": "a", "function": "SUM"}])
    wrong = 'aggregation: "aggregation" requires at least one "column" and no "columns"'
    for pairs in ([], [("columns", "*")], [("columns", "*"), ("column", "a")]):
        with pytest.raises(QueryError) as caught:
            parse_query([*pairs, ("aggregation", rules)])
        assert str(caught.value) == wrong


def test_a_control_is_given_once() -> None:
    with pytest.raises(QueryError, match=r'^sort: Parameter "sort" cannot be repeated$'):
        parse_query([("sort", "W10"), ("sort", "W10")])


@given(st.sampled_from(["filter", "sort", "aggregation", "dateTrunc"]), st.text(max_size=300) | st.binary().map(
    lambda data: base64.urlsafe_b64encode(data).decode()
))  # fmt: skip
def test_nothing_but_a_query_or_its_refusal_comes_of_any_text(name: str, value: str) -> None:
    try:
        parse_query([("column", "a"), (name, value)])
    except QueryError as error:
        text = str(error)
    else:
        return
    assert text.startswith(f"{name}: ")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["column", "operator", "value", "function", "unit", "kind", "n", "from", "to", "timeZone"]),
        inner | st.sampled_from(["a", "eq", "in", "between", "relative_date", "SUM", "DAY", "asc", "today"]),
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.sampled_from(["filter", "sort", "aggregation", "dateTrunc"]), _JSON)
def test_nothing_but_a_query_or_its_refusal_comes_of_any_json(name: str, value: Any) -> None:
    try:
        parsed(name, value)
    except QueryError as error:
        text = str(error)
    else:
        return
    assert text.startswith(f"{name}: ")
