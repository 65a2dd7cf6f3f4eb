"""What fits a mart, and the codes for what does not (contract.md 4.3 to 4.7)."""

from datetime import date
from typing import Any

import pytest

from owox.reading.fields import Field
from owox.reading.query import OutputControlsError, UnknownColumns, parse_query
from owox.reading.rules import plan
from tests.reading.encoded import encode

TODAY = date(2026, 11, 25)
FIELDS = (
    Field("text", "VARCHAR"),
    Field("n", "BIGINT"),
    Field("price", "DECIMAL(10,2)"),
    Field("day", "DATE"),
    Field("at", "TIMESTAMP WITH TIME ZONE"),
    Field("clock", "TIME"),
    Field("done", "BOOLEAN"),
    Field("blob", "BLOB"),
    Field("a.b", "INTEGER", aggregations=("P50", "COUNT", "STRING_AGG")),
    Field("secret", "VARCHAR", hidden=True),
)
COLUMNS = [field.name for field in FIELDS if not field.hidden]


def errors(columns: list[str], **controls: list[dict[str, Any]]) -> list[dict[str, str]]:
    pairs = [("column", column) for column in columns]
    pairs += [(name, encode(rules)) for name, rules in controls.items()]
    with pytest.raises(OutputControlsError) as caught:
        plan(parse_query(pairs), FIELDS, TODAY)
    assert str(caught.value) == "Output controls validation failed"
    return caught.value.errors


VALUES: dict[str, Any] = {
    "in": ["1"], "not_in": ["1"], "between": {"from": "1", "to": "2"}, "relative_date": {"kind": "today"},
}  # fmt: skip
OPERATORS = [
    "eq", "neq", "contains", "not_contains", "starts_with", "ends_with", "gt", "lt", "gte", "lte", "regex", "not_regex",
    "is_empty", "is_not_empty", "is_null", "is_not_null", "is_true", "is_false", "in", "not_in", "between",
    "relative_date",
]  # fmt: skip
ALLOWED = {
    "text": "eq neq contains not_contains starts_with ends_with in not_in is_empty is_not_empty regex not_regex",
    "n": "eq neq gt lt gte lte between in not_in",
    "price": "eq neq gt lt gte lte between in not_in",
    "day": "eq neq gt lt gte lte between in not_in relative_date",
    "at": "eq neq gt lt gte lte between in not_in relative_date",
    "clock": "eq neq gt lt gte lte between in not_in",
    "done": "is_true is_false",
    "blob": "",
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("column", ALLOWED)
def test_a_type_takes_its_own_operators_only(column: str, operator: str) -> None:
    good = {"day": "2026-11-25", "at": "2026-11-25", "clock": "10:00"}.get(column, "1")
    value: Any = VALUES.get(operator, good)
    if operator in {"in", "not_in"}:
        value = [good]
    if operator == "between":
        value = {"from": good, "to": good}
    rule = {"column": column, "operator": operator, "value": value}
    fits = operator in ALLOWED[column].split() or operator in {"is_null", "is_not_null"}

    if fits:
        assert len(plan(parse_query([("filter", encode([rule]))]), FIELDS, TODAY).where) == 1
        return
    type_name = next(field.type for field in FIELDS if field.name == column)
    assert errors(COLUMNS, filter=[rule]) == [
        {"code": "INVALID_OPERATOR_FOR_TYPE", "column": column, "type": type_name, "operator": operator}
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("n", "x"), ("n", True), ("n", ""), ("n", "1e999"), ("n", "0x10"), ("n", "１"), ("price", "1,5"),
        ("day", 20261125), ("day", "2026-02-30"), ("day", "25.11.2026"), ("day", "today"), ("day", "2026-W48"),
        ("at", "2026-11-25T25:00"), ("at", "0001-01-01T00:00+10"), ("at", True), ("clock", "24:00"), ("clock", 10),
    ],
)  # fmt: skip
def test_a_value_that_a_type_cannot_hold_is_refused(column: str, value: Any) -> None:
    [error] = errors(COLUMNS, filter=[{"column": column, "operator": "eq", "value": value}])

    assert error["code"] == "INVALID_OPERATOR_FOR_TYPE"
    assert error["column"] == column
    assert error["message"]


@pytest.mark.parametrize("pattern", ["(", "[", "a{2,1}", "*", "(?<", "\\", "(" * 2000, "a**"])
def test_a_pattern_that_is_no_regular_expression_is_refused(pattern: str) -> None:
    assert errors(COLUMNS, filter=[{"column": "text", "operator": "regex", "value": pattern}]) == [
        {"code": "INVALID_REGEX_PATTERN", "column": "text", "pattern": pattern}
    ]


def having(column: str, function: str, operator: str = "gt", value: Any = 1) -> dict[str, Any]:
    return {"column": column, "function": function, "operator": operator, "value": value}


def cut(column: str, unit: str = "DAY", **more: str) -> dict[str, Any]:
    return {"column": column, "unit": unit, **more}


def agg(column: str, function: str) -> dict[str, str]:
    return {"column": column, "function": function}


SUM = agg("n", "SUM")
NO_TYPE, NO_FIELD = "AGGREGATION_FUNCTION_NOT_ALLOWED_FOR_TYPE", "AGGREGATION_FUNCTION_NOT_ALLOWED_FOR_FIELD"
PRE_JOIN = {"column": "x__y", "operator": "is_null", "placement": "pre-join"}
BEFORE = having("n", "SUM") | {"placement": "pre-join"}
TWO = [having("n", "SUM", "contains"), {"column": "done", "operator": "eq", "value": True}]


@pytest.mark.parametrize(
    ("columns", "controls", "codes"),
    [
        (["n"], {"sort": [{"column": "text", "direction": "asc"}]}, ["SORT_COLUMN_NOT_SELECTED"]),
        (["text"], {"aggregation": [SUM]}, ["AGGREGATION_COLUMN_NOT_SELECTED"]),
        (["n"], {"aggregation": [SUM, SUM]}, ["DUPLICATE_AGGREGATION"]),
        (["n"], {"aggregation": [agg("n", "STRING_AGG")]}, [NO_TYPE]),
        (["text"], {"aggregation": [agg("text", "SUM")]}, [NO_TYPE]),
        (["n"], {"aggregation": [agg("n", "P50")]}, [NO_FIELD]),
        (["n"], {"aggregation": [agg("n", "COUNT")]}, [NO_FIELD]),
        (["a.b"], {"aggregation": [agg("a.b", "SUM")]}, [NO_FIELD]),
        (["a.b"], {"aggregation": [agg("a.b", "STRING_AGG")]}, [NO_TYPE]),
        (["n"], {"dateTrunc": [cut("day")]}, ["DATE_TRUNC_COLUMN_NOT_SELECTED"]),
        (["n"], {"dateTrunc": [cut("n")]}, ["DATE_TRUNC_REQUIRES_DATE_COLUMN"]),
        (["clock"], {"dateTrunc": [cut("clock")]}, ["DATE_TRUNC_REQUIRES_DATE_COLUMN"]),
        (["day"], {"dateTrunc": [cut("day", timeZone="Europe/Kyiv")]}, ["DATE_TRUNC_TIMEZONE_REQUIRES_TIMESTAMP"]),
        (["at"], {"dateTrunc": [cut("at", timeZone="Europe/Nowhere")]}, ["DATE_TRUNC_INVALID_TIMEZONE"]),
        (["at"], {"dateTrunc": [cut("at", timeZone="'; DROP")]}, ["DATE_TRUNC_INVALID_TIMEZONE"]),
        (["at"], {"dateTrunc": [cut("at", timeZone="../../etc/passwd")]}, ["DATE_TRUNC_INVALID_TIMEZONE"]),
        (["at"], {"dateTrunc": [cut("at")], "aggregation": [agg("at", "MIN")]},
         ["DATE_TRUNC_COLUMN_IS_AGGREGATED"]),
        (["n"], {"filter": [having("n", "SUM")]}, ["HAVING_FILTER_NOT_AGGREGATED"]),
        (["n"], {"filter": [having("n", "AVG")], "aggregation": [SUM]}, ["HAVING_FILTER_NOT_AGGREGATED"]),
        (["n"], {"filter": [having("n", "SUM", "contains")], "aggregation": [SUM]}, ["INVALID_OPERATOR_FOR_TYPE"]),
        (["n"], {"filter": [BEFORE], "aggregation": [SUM]}, ["HAVING_FILTER_INVALID_PLACEMENT"]),
        (["n"], {"filter": [PRE_JOIN]}, ["PRE_JOIN_FILTERS_REQUIRE_JOINED_DATA_MART"]),
        (["n"], {"filter": TWO, "aggregation": [SUM], "sort": [{"column": "day", "direction": "asc"}]},
         ["INVALID_OPERATOR_FOR_TYPE", "INVALID_OPERATOR_FOR_TYPE", "SORT_COLUMN_NOT_SELECTED"]),
    ],
)  # fmt: skip
def test_a_rule_that_does_not_fit_is_named_by_its_code(
    columns: list[str], controls: dict[str, Any], codes: list[str]
) -> None:
    assert [error["code"] for error in errors(columns, **controls)] == codes


def test_two_outputs_with_one_name_collide() -> None:
    fields = (Field("n", "BIGINT"), Field("N | sum", "VARCHAR"), Field("row count", "DATE"))
    pairs = [("column", field.name) for field in fields] + [("aggregation", encode([SUM]))]

    with pytest.raises(OutputControlsError) as caught:
        plan(parse_query(pairs), fields, TODAY)

    assert caught.value.errors == [
        {"code": "OUTPUT_COLUMN_NAME_COLLISION", "label": "n | SUM"},
        {"code": "OUTPUT_COLUMN_NAME_COLLISION", "label": "row count"},
    ]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("filter", {"column": "secret", "operator": "is_null"}),
        ("sort", {"column": "secret", "direction": "asc"}),
        ("aggregation", {"column": "secret", "function": "COUNT"}),
        ("dateTrunc", {"column": "secret", "unit": "DAY"}),
    ],
)
def test_a_hidden_column_is_unknown_wherever_it_is_named(name: str, rule: dict[str, Any]) -> None:
    with pytest.raises(UnknownColumns) as caught:
        plan(parse_query([("column", "n"), (name, encode([rule]))]), FIELDS, TODAY)

    assert caught.value.columns == ("secret",)


def test_outputs_stand_in_the_order_of_columns_and_functions() -> None:
    pairs = [("column", name) for name in ("day", "n", "text", "a.b")]
    rules = [
        ("a.b", "P50"), ("n", "SUM"), ("text", "COUNT_DISTINCT"), ("n", "AVG"), ("a.b", "COUNT"),
        ("text", "STRING_AGG"), ("text", "ANY_VALUE"),
    ]  # fmt: skip
    pairs.append(("aggregation", encode([{"column": column, "function": function} for column, function in rules])))

    labels = [output.label for output in plan(parse_query(pairs), FIELDS, TODAY).outputs]

    assert labels == [
        "day", "n | SUM", "n | AVG", "text | COUNTUNIQUE", "text | STRINGAGG", "text | ANYVALUE", "a_b | MEDIAN",
        "a_b | COUNT", "Row Count",
    ]  # fmt: skip


def test_buckets_alone_count_no_rows() -> None:
    query = parse_query([("column", "at"), ("column", "n"), ("dateTrunc", encode([cut("at")]))])

    made = plan(query, FIELDS, TODAY)

    assert made.grouped
    assert [output.label for output in made.outputs] == ["at", "n"]
