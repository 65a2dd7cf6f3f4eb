import pytest

from owox.reading.fields import Field
from owox.reading.query import LIMIT_MAX, Query, QueryError, UnknownColumns, parse_query, select

FIELDS = (Field("id", "BIGINT"), Field("secret", "VARCHAR", hidden=True), Field("a.b c", "VARCHAR"), Field("*", "DATE"))
WRONG_LIMIT = f"limit: limit must be a whole number from 1 to {LIMIT_MAX}"


@pytest.mark.parametrize(
    ("pairs", "query"),
    [
        ([], Query(True)),
        ([("columns", "*")], Query(True)),
        ([("columns", "**")], Query(True)),
        ([("column", "b"), ("column", "a"), ("column", "b")], Query(False, ("b", "a", "b"))),
        ([("columns", "*"), ("column", "a")], Query(True, ("a",))),
        ([("column", "*")], Query(False, ("*",))),
        ([("column", " ")], Query(False, (" ",))),
        ([("limit", "1")], Query(True, (), 1)),
        ([("limit", "007")], Query(True, (), 7)),
        ([("limit", "1e2")], Query(True, (), 100)),
        ([("limit", "2E+3")], Query(True, (), 2000)),
        ([("limit", str(LIMIT_MAX))], Query(True, (), LIMIT_MAX)),
        ([("Limit", "x"), ("cursor", "1"), ("", "")], Query(True)),
    ],
)
def test_a_good_request_is_understood(pairs: list[tuple[str, str]], query: Query) -> None:
    assert parse_query(pairs) == query


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("columns", "id")], 'columns: "columns" must be "*" or "**"'),
        ([("columns", "")], 'columns: "columns" must be "*" or "**"'),
        ([("columns", "*"), ("columns", "*")], 'columns: Parameter "columns" cannot be repeated'),
        ([("columns", "**"), ("column", "id")], 'columns: "**" cannot be combined with exact column values'),
        ([("column", "id"), ("column", "")], "column.1: column value must not be empty"),
        ([("limit", "1"), ("limit", "1")], 'limit: Parameter "limit" cannot be repeated'),
        ([("offset", "0")], 'offset: Parameter "offset" is not supported by HTTP Data API'),
        ([("pageToken", "")], 'pageToken: Parameter "pageToken" is not supported by HTTP Data API'),
        (
            [("limit", "0"), ("offset", "1"), ("column", "")],
            "column.0: column value must not be empty; "
            f'offset: Parameter "offset" is not supported by HTTP Data API; {WRONG_LIMIT}',
        ),
    ],
)
def test_a_broken_rule_is_named_with_its_parameter(pairs: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(pairs)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "limit",
    ["", " ", "0", "0e9", "-1", "1.5", "nan", "Infinity", "1e", "1e-2", "e2", "0x10", "1_000", "１", "1\n", "ten",
     "1e99", str(LIMIT_MAX + 1), "9" * 5000],
)  # fmt: skip
def test_a_limit_that_is_no_whole_number_of_rows_is_refused(limit: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query([("limit", limit)])

    assert str(caught.value) == WRONG_LIMIT


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (Query(True), ["id", "a.b c", "*"]),
        (Query(True, ("*", "id")), ["id", "a.b c", "*"]),
        (Query(False, ("a.b c", "id", "a.b c")), ["a.b c", "id"]),
        (Query(False, ("*",)), ["*"]),
    ],
)
def test_columns_are_selected_once_in_the_order_asked(query: Query, names: list[str]) -> None:
    assert [field.name for field in select(query, FIELDS)] == names


@pytest.mark.parametrize(
    ("columns", "unknown", "message"),
    [
        (("id", "ID"), ("ID",), "Unknown column: ID"),
        (("y", "id", "x", "y"), ("y", "x"), "Unknown columns: y, x"),
        (("secret",), ("secret",), "Unknown column: secret"),
    ],
)
def test_unknown_and_hidden_columns_are_named(columns: tuple[str, ...], unknown: tuple[str, ...], message: str) -> None:
    with pytest.raises(UnknownColumns) as caught:
        select(Query(False, columns), FIELDS)

    assert caught.value.columns == unknown
    assert str(caught.value) == message


def test_a_mart_without_visible_columns_has_nothing_to_read() -> None:
    with pytest.raises(QueryError, match=r"^No columns available for the requested Data Mart$"):
        select(Query(True), [Field("secret", "VARCHAR", hidden=True)])
