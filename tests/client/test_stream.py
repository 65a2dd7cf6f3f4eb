"""Rows as bytes, lines and dicts, and every way in which a stream can end too early."""

import threading
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from owox.client import ApiError, Client, ConfigError, transport
from tests.infra.faulty import EXCHANGE, NDJSON, ROWS, FaultyServer, answer, chunk, rows_head

LINES = b'{"n":1,"a":"\xc3\xa9"}\n{"n":2,"a":null}\n'


def whole(*parts: bytes) -> bytes:
    return rows_head() + b"".join(map(chunk, parts)) + chunk(b"")


def test_chunks_are_the_bytes_as_sent(faulty: FaultyServer, client: Client):
    odd = b'not json\r\n\n{"big": 12345678901234567890123}'
    faulty.on(ROWS, whole(odd[:5], odd[5:]))

    with client.data_marts.stream("orders") as stream:
        received = b"".join(stream.chunks())

    assert received == odd
    assert stream.run_id == "run-1"


def test_rows_are_put_together_across_chunks(faulty: FaultyServer, client: Client):
    faulty.on(ROWS, whole(*(LINES[at : at + 3] for at in range(0, len(LINES), 3))))

    with client.data_marts.stream("orders") as stream:
        assert list(stream) == [{"n": 1, "a": "é"}, {"n": 2, "a": None}]


def test_empty_lines_are_skipped_and_the_last_needs_no_line_feed(faulty: FaultyServer, client: Client):
    faulty.on(ROWS, whole(b'\n\n{"n":1}\r\n\n', b'{"n":2}'))

    with client.data_marts.stream("orders") as stream:
        assert list(stream.rows()) == [{"n": 1}, {"n": 2}]


def test_no_rows_are_no_error(faulty: FaultyServer, client: Client):
    faulty.on(ROWS, whole())

    with client.data_marts.stream("orders") as stream:
        assert list(stream.rows()) == []


def test_parameters_go_out_in_the_contracts_order(faulty: FaultyServer, client: Client):
    faulty.on(ROWS, whole())

    with client.data_marts.stream("orders", columns="*", column=["b", "a c"], limit=7):
        pass

    asked = faulty.asked[-1]
    assert asked.target in {
        f"{ROWS}?columns=%2A&column=b&column=a+c&limit=7",
        f"{ROWS}?columns=*&column=b&column=a%20c&limit=7",
        f"{ROWS}?columns=*&column=b&column=a+c&limit=7",
    }
    assert asked.headers["accept"] == "application/x-ndjson"
    assert asked.headers["accept-encoding"] == "identity"


def test_rules_go_out_as_base64url_of_compact_json(faulty: FaultyServer, client: Client):
    faulty.on(ROWS, whole())
    rules = {"filter": [{"column": "a", "operator": "eq", "value": "é"}], "sort": [], "aggregation": [{"b": 1}]}

    with client.data_marts.stream("orders", column="a", date_trunc=[{"unit": "DAY"}], **rules):
        pass

    sent = parse_qs(urlsplit(faulty.asked[-1].target).query)
    assert list(sent) == ["column", "filter", "sort", "aggregation", "dateTrunc"]
    assert sent["column"] == ["a"]
    assert sent["filter"] == [
        urlsafe_b64encode('[{"column":"a","operator":"eq","value":"é"}]'.encode()).decode().rstrip("=")
    ]
    assert sent["sort"] == ["W10"]


@pytest.mark.parametrize(
    "query",
    [{"columns": ["a"]}, {"columns": "a"}, {"limit": 0}, {"limit": True}, {"limit": "7"}, {"filter": "[]"},
     {"filter": {"column": "a"}}, {"sort": [{"column": float("nan")}]}, {"aggregation": [b"a"]}],
    ids=str,
)  # fmt: skip
def test_a_query_that_no_server_takes_is_refused_before_anything_is_sent(
    faulty: FaultyServer, client: Client, query: Any
):
    with pytest.raises(ConfigError):
        client.data_marts.stream("orders", **query)

    assert faulty.asked == []


def test_an_option_that_there_is_not_is_a_type_error(client: Client):
    with pytest.raises(TypeError, match="unexpected keyword argument 'dateTrunc'"):
        client.data_marts.stream("orders", dateTrunc=[])  # type: ignore[call-arg]


def test_a_stream_needs_no_block_and_can_be_closed_early(faulty: FaultyServer, client: Client):
    faulty.on(ROWS, whole(LINES))

    assert len(list(client.data_marts.stream("orders"))) == 2
    assert client.data_marts.stream("orders").read() == LINES
    stream = client.data_marts.stream("orders")
    stream.close()
    with pytest.raises(ApiError, match="read only once"):
        stream.read()


def test_the_rows_of_a_report_are_read_likewise_and_errors_name_it(faulty: FaultyServer, client: Client):
    path = "/api/external/http-data/reports/weekly.ndjson"
    faulty.on(path, whole(LINES), answer(404, {"message": "Report with id weekly not found"}))

    assert list(client.reports.stream("weekly", limit=2)) == [{"n": 1, "a": "é"}, {"n": 2, "a": None}]
    with pytest.raises(ApiError, match="not found") as caught:
        client.reports.stream("weekly")

    assert faulty.asked[1].target == f"{path}?limit=2"
    assert caught.value.details["reportId"] == "weekly"


def test_a_compressed_stream_is_refused(faulty: FaultyServer, client: Client):
    faulty.on(ROWS, rows_head(*NDJSON, "Content-Encoding: gzip") + chunk(LINES) + chunk(b""))

    with pytest.raises(ApiError, match="is compressed"):
        client.data_marts.stream("orders")


@pytest.mark.parametrize("mart_id", ["", "a/b", "../../auth/context", "a%2fb", "a\\b", "x" * 256, "\udcff"])
def test_an_id_that_could_lead_elsewhere_is_refused_before_anything_is_sent(
    faulty: FaultyServer, client: Client, mart_id: str
):
    with pytest.raises(ConfigError, match="Invalid OWOX Data Mart ID"), client.data_marts.stream(mart_id):
        pass

    assert faulty.asked == []


def test_an_id_is_encoded(faulty: FaultyServer, client: Client):
    with pytest.raises(ApiError), client.data_marts.stream("ä ?#&"):
        pass

    assert faulty.asked[-1].target == "/api/external/http-data/data-marts/%C3%A4%20%3F%23%26.ndjson"


def test_all_joined_columns_exclude_exact_ones(faulty: FaultyServer, client: Client):
    with (
        pytest.raises(ConfigError, match="cannot be combined"),
        client.data_marts.stream("orders", columns="**", column=["a"]),
    ):
        pass

    assert faulty.asked == []


def test_a_column_that_is_no_text_is_refused(client: Client):
    with pytest.raises(ConfigError, match="not valid UTF-8"), client.data_marts.stream("orders", column=["\udcff"]):
        pass


@pytest.mark.parametrize(
    "ending",
    [
        *(whole(LINES)[:-cut] for cut in (5, 4, 3, 2, 1)),
        rows_head() + chunk(LINES)[:-9],
        rows_head() + b"zz\r\n",
        "\r\n".join(["HTTP/1.1 200 OK", *NDJSON, "Content-Length: 99", "", ""]).encode() + LINES,
    ],
    ids=["no final chunk", *("in the final chunk",) * 4, "inside a chunk", "broken framing", "shorter than announced"],
)
def test_a_stream_that_is_cut_raises(faulty: FaultyServer, client: Client, ending: bytes):
    faulty.on(ROWS, ending)

    with (
        client.data_marts.stream("orders") as stream,
        pytest.raises(ApiError, match="Failed to read OWOX Data Mart") as caught,
    ):
        list(stream.rows())

    assert caught.value.details == {"dataMartId": "orders", "runId": "run-1"}


def test_a_stream_that_falls_silent_raises(faulty: FaultyServer, client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transport, "STREAM_READ_SECONDS", 0.2)
    never = threading.Event()
    faulty.on(ROWS, [rows_head() + chunk(LINES), never])

    with (
        client.data_marts.stream("orders") as stream,
        pytest.raises(ApiError, match="Failed to read OWOX Data Mart data stream"),
    ):
        list(stream.chunks())

    never.set()


@pytest.mark.parametrize(
    "head",
    [
        ["HTTP/1.0 200 OK"],
        ["HTTP/1.1 200 OK", "Content-Length: many"],
        ["HTTP/1.1 200 OK", f"Content-Length: {len(LINES) // 2}", f"Content-Length: {len(LINES)}"],
        ["HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked"],
    ],
    ids=["no length", "no number", "two lengths", "another coding"],
)
def test_a_stream_without_a_marked_end_is_refused(faulty: FaultyServer, client: Client, head: list[str]):
    faulty.on(ROWS, "\r\n".join([*head, *NDJSON, "", ""]).encode() + LINES)

    with pytest.raises(ApiError, match="no marked end"), client.data_marts.stream("orders"):
        pass


def test_the_name_of_the_framing_is_read_in_any_case(faulty: FaultyServer, client: Client):
    faulty.on(ROWS, whole(LINES).replace(b": chunked", b": Chunked"))

    with client.data_marts.stream("orders") as stream:
        assert stream.read() == LINES


@pytest.mark.parametrize("status", [b"204 No Content", b"206 Partial Content"])
def test_a_part_is_not_mistaken_for_the_whole(faulty: FaultyServer, client: Client, status: bytes):
    faulty.on(ROWS, whole(LINES).replace(b"200 OK", status))

    with pytest.raises(ApiError, match="unexpected status") as caught, client.data_marts.stream("orders"):
        pass

    assert caught.value.status == int(status[:3])


@pytest.mark.parametrize("kind", ["text/html", "application/json", "application/x-ndjson-seq", ""])
def test_an_answer_that_is_not_rows_is_refused(faulty: FaultyServer, client: Client, kind: str):
    faulty.on(ROWS, rows_head(f"Content-Type: {kind}") + chunk(LINES) + chunk(b""))

    with pytest.raises(ApiError, match="unexpected content type") as caught, client.data_marts.stream("orders"):
        pass

    assert caught.value.details == {"dataMartId": "orders", "contentType": kind}


@pytest.mark.parametrize("line", [b"{", b'{"n":NaN}', b"\xff", b'{"error"', b"[" * 100_000])
def test_a_broken_line_is_named_by_its_number(faulty: FaultyServer, client: Client, line: bytes):
    faulty.on(ROWS, whole(b'{"n":1}\n' + line + b"\n"))

    with client.data_marts.stream("orders") as stream:
        rows = stream.rows()
        assert next(rows) == {"n": 1}
        with pytest.raises(ApiError, match="Malformed NDJSON line 2 in OWOX Data Mart data stream") as caught:
            next(rows)

    assert caught.value.details["lineNumber"] == 2
    assert len(caught.value.details["linePreview"]) <= 200


@pytest.mark.parametrize("value", ["[]", "1", "null", '"text"'])
def test_a_line_that_is_no_object_is_named(faulty: FaultyServer, client: Client, value: str):
    faulty.on(ROWS, whole(value.encode()))

    with (
        client.data_marts.stream("orders") as stream,
        pytest.raises(ApiError, match="NDJSON line 1 is not a JSON object"),
    ):
        list(stream.rows())


def test_a_stream_is_read_once(faulty: FaultyServer, client: Client):
    faulty.on(ROWS, whole(LINES))

    with client.data_marts.stream("orders") as stream:
        list(stream.rows())
        with pytest.raises(ApiError, match="read only once"):
            list(stream.rows())


@pytest.mark.parametrize(("details", "kept"), [({"why": 1}, {"why": 1}), (["why"], {})])
def test_a_refusal_names_the_mart(faulty: FaultyServer, client: Client, details: Any, kept: dict[str, int]):
    faulty.on(ROWS, answer(424, {"message": "No", "code": "STORAGE_READ_FAILED", "details": details}))

    with pytest.raises(ApiError) as caught, client.data_marts.stream("orders"):
        pass

    assert caught.value.status == 424
    assert caught.value.details == {"dataMartId": "orders", **kept}


def test_a_token_that_ran_out_is_replaced_before_the_rows(faulty: FaultyServer, client: Client):
    faulty.on(ROWS, answer(401), whole(LINES))

    with client.data_marts.stream("orders") as stream:
        assert len(list(stream.rows())) == 2

    assert [asked.target for asked in faulty.asked] == [EXCHANGE, ROWS, EXCHANGE, ROWS]
