"""Filters, order, groups and date buckets on the command line."""

import json
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.ctl.conftest import Run
from tests.infra.faulty import ROWS, FaultyServer, chunk, rows_head


def test_rules_reach_the_server_as_they_were_typed(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    faulty.on(ROWS, rows_head() + chunk(b""))
    rules = {
        "--filter": [{"column": "a", "operator": "in", "value": ["é", "b"]}],
        "--sort": [{"column": "a", "direction": "desc"}],
        "--aggregation": [],
        "--date-bucket": [{"column": "d", "unit": "WEEK", "timeZone": "Europe/Kyiv"}],
    }
    options = [word for option, value in rules.items() for word in (option, json.dumps(value))]

    result = ctl("data-marts", "stream", "orders", "--column", "a", *options, "--limit", "5", **variables)

    sent = parse_qs(urlsplit(faulty.asked[-1].target).query)
    assert (result.returncode, result.stderr) == (0, "")
    assert list(sent) == ["column", "filter", "sort", "aggregation", "dateTrunc", "limit"]
    assert [decoded(sent[name][0]) for name in ("filter", "sort", "aggregation", "dateTrunc")] == list(rules.values())


@pytest.mark.parametrize("option", ["--filter", "--sort", "--aggregation", "--date-bucket"])
@pytest.mark.parametrize(
    ("value", "fault"),
    [("country = Poland", "must be valid JSON"), ("", "must be valid JSON"), ('{"column":"a"}', "must be a JSON array"),
     ("[" * 100_000, "must be valid JSON"), ("null", "must be a JSON array")],
    ids=["text", "empty", "object", "deep", "null"],
)  # fmt: skip
def test_rules_that_are_no_json_array_are_wrong_usage(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], option: str, value: str, fault: str
):
    result = ctl("data-marts", "stream", "orders", option, value, **variables)

    assert (result.returncode, result.stdout, faulty.asked) == (2, "", [])
    assert json.loads(result.stderr)["error"]["message"] == f"{option} {fault}"


def test_a_number_that_json_has_not_is_refused_too(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    result = ctl("data-marts", "stream", "orders", "--filter", '[{"value": NaN}]', **variables)

    assert (result.returncode, faulty.asked) == (2, [])


def decoded(value: str) -> object:
    return json.loads(urlsafe_b64decode(value + "=" * (-len(value) % 4)))
