"""Output controls over HTTP (contract.md 4.3 to 4.8)."""

import json
from typing import Any

from tests.api.test_requests import keyed
from tests.cast import Stage
from tests.reading.encoded import encode


def get(stage: Stage, **controls: Any):
    """Ask for rows of the mart Orders."""
    query = [(name, value if isinstance(value, str) else encode(value)) for name, value in controls.items()]
    path = f"/api/external/http-data/data-marts/{stage.cast.marts['Orders']}.ndjson"
    return stage.app.test_client().get(path, headers=keyed(stage), query_string=query)


def test_rows_are_filtered_sorted_and_counted(shared_stage: Stage):
    everything = [json.loads(line) for line in get(shared_stage).data.splitlines()]
    column = next(name for name, value in everything[0].items() if isinstance(value, int))
    highest = max(row[column] for row in everything)

    found = get(shared_stage, column=column, filter=[{"column": column, "operator": "eq", "value": highest}])
    grouped = get(shared_stage, column=column, aggregation=[{"column": column, "function": "MAX"}])
    ordered = get(shared_stage, column=column, sort=[{"column": column, "direction": "desc"}], limit="1")

    assert {json.loads(line)[column] for line in found.data.splitlines()} == {highest}
    assert json.loads(grouped.data) == {f"{column} | MAX": highest, "Row Count": len(everything)}
    assert json.loads(ordered.data) == {column: highest}


def test_rules_that_do_not_fit_are_listed_by_code(shared_stage: Stage):
    column, value = next(iter(json.loads(get(shared_stage, limit="1").data).items()))
    operator = "contains" if isinstance(value, int) else "is_true"

    answer = get(shared_stage, filter=[{"column": column, "operator": operator, "value": "1"}])

    assert answer.status_code == 400
    body = answer.get_json()
    assert body["message"] == "Output controls validation failed"
    assert [(error["code"], error["column"]) for error in body["details"]["errors"]] == [
        ("INVALID_OPERATOR_FOR_TYPE", column)
    ]
    assert "X-OWOX-Run-Id" not in answer.headers


def test_an_unknown_column_of_a_rule_is_named(shared_stage: Stage):
    answer = get(shared_stage, filter=[{"column": "nothing", "operator": "is_null"}])

    assert (answer.status_code, answer.get_json()["message"]) == (400, "Unknown column: nothing")
    assert answer.get_json()["errorDetails"] == {"columns": ["nothing"]}
