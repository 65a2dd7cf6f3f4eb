"""Combined values: packing, and unpacking exactly as every client does."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from owox import keys
from owox.keys import COMBINED_PREFIX, CombinedValueError
from tests.infra.source import ROOT

CASES = json.loads((ROOT / "tests/vectors/combined-values.json").read_text())["cases"]
ORIGIN = "https://owox.example.com"


def packed(payload: bytes) -> str:
    """A combined value around any bytes."""
    return COMBINED_PREFIX + base64.urlsafe_b64encode(payload).rstrip(b"=").decode()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_value_means_what_it_means_to_the_reference_client(case: dict):
    """contract.md 1.1."""
    if "error" in case:
        with pytest.raises(CombinedValueError) as caught:
            keys.parse_combined(case["value"])
        assert str(caught.value) == case["error"]
        return

    parts = keys.parse_combined(case["value"])

    assert {"apiOrigin": parts.origin, "apiKeyId": parts.key_id, "apiKeySecret": parts.secret} == case["parsed"]


def test_a_minted_key_comes_out_of_its_combined_value_as_it_went_in():
    minted = keys.mint()

    value = keys.combine(ORIGIN, minted.key_id, minted.secret)

    assert value.startswith("owox_key_")
    assert "=" not in value
    assert keys.parse_combined(value) == keys.Combined(ORIGIN, minted.key_id, minted.secret)


def test_the_payload_is_compact_json_in_the_contracts_order():
    minted = keys.mint()
    payload = keys.combine(ORIGIN, minted.key_id, minted.secret).removeprefix(COMBINED_PREFIX)

    text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()

    expected = {"apiOrigin": ORIGIN, "apiKeyId": minted.key_id, "apiKeySecret": minted.secret}
    assert text == json.dumps(expected, separators=(",", ":"))


def test_no_message_holds_a_part_of_the_value():
    """U4."""
    minted = keys.mint()
    value = packed(
        json.dumps({"apiOrigin": "ftp://x", "apiKeyId": minted.key_id, "apiKeySecret": minted.secret}).encode()
    )

    with pytest.raises(CombinedValueError) as caught:
        keys.parse_combined(value)

    assert minted.secret not in str(caught.value)
    assert minted.key_id not in str(caught.value)


@given(st.text() | st.text().map(lambda text: COMBINED_PREFIX + text))
def test_any_text_is_parsed_or_refused(text: str):
    """T5, K7: never another error."""
    _parsed_or_refused(text)


@given(st.binary() | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(
    lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_payload_is_parsed_or_refused(payload: bytes):
    """T5, I2."""
    _parsed_or_refused(packed(payload))


@given(st.fixed_dictionaries({name: st.text() | st.none() for name in ("apiOrigin", "apiKeyId", "apiKeySecret")}))
def test_any_members_are_parsed_or_refused(members: dict):
    _parsed_or_refused(packed(json.dumps(members).encode()))


@given(st.sampled_from(["http://", "https://", "HTTP://", "//", ""]), st.text())
def test_any_origin_is_normalised_or_refused(scheme: str, text: str):
    try:
        origin = keys.normalize_origin(scheme + text)
    except ValueError:
        return

    assert keys.normalize_origin(origin) == origin
    assert origin.isascii()


@pytest.mark.parametrize(
    "origin", ["http://\u00b8", "http://[fe80::1%25eth0]", "http://a b", "http://a%20b", "http://a|b"]
)
def test_a_host_that_is_neither_name_nor_address_is_refused(origin: str):
    with pytest.raises(ValueError, match="origin"):
        keys.normalize_origin(origin)


@pytest.mark.parametrize("payload", [b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe{}", b"\x00", b"NaN", b'"\\ud800"'])
def test_hostile_payloads_are_refused(payload: bytes):
    """I2."""
    with pytest.raises(CombinedValueError):
        keys.parse_combined(packed(payload))


def _parsed_or_refused(value: str) -> None:
    try:
        parts = keys.parse_combined(value)
    except CombinedValueError:
        return
    assert parts.origin
    assert parts.key_id
    assert parts.secret
