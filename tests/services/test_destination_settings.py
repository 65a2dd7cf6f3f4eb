"""What destinations are reached with: what is refused, what is shown, what is kept to itself."""

import json
import secrets

import pytest

from owox.services.destination_settings import TYPES, check, new_secret_key
from owox.services.errors import BadSetting

SECRET = secrets.token_urlsafe(24)
KEY_FILE = {
    "type": "service_account",
    "project_id": "shop-1",
    "private_key": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n",
    "client_email": "reports@shop-1.iam.example.com",
}
SHEETS_SHOWN = {"clientEmail": KEY_FILE["client_email"], "projectId": "shop-1"}
HOOK = f"https://hooks.example.com:8443/services/{SECRET}?a=b"


@pytest.mark.parametrize(
    ("kind", "entered", "shown"),
    [
        ("GOOGLE_SHEETS", {"serviceAccountKey": KEY_FILE}, SHEETS_SHOWN),
        ("GOOGLE_SHEETS", {"serviceAccountKey": json.dumps(KEY_FILE)}, SHEETS_SHOWN),
        ("EMAIL", {"to": ["A@x.example ", "b@x.example", "a@x.example"]}, {"to": ["a@x.example", "b@x.example"]}),
        ("SLACK", {"webhookUrl": f" {HOOK} "}, {"webhookHost": "hooks.example.com:8443"}),
        ("MS_TEAMS", {"webhookUrl": HOOK}, {"webhookHost": "hooks.example.com:8443"}),
        ("GOOGLE_CHAT", {"webhookUrl": f"https://chat.example.com/{SECRET}"}, {"webhookHost": "chat.example.com"}),
        ("LOOKER_STUDIO", {}, {}),
    ],
)
def test_only_what_is_no_secret_is_shown(kind: str, entered: dict, shown: dict):
    """K2, Z7."""
    credentials = check(kind, entered)

    assert credentials.shown == shown
    assert SECRET not in f"{credentials.shown} {credentials!r}"
    assert bool(credentials.secret) == (kind != "EMAIL")


def test_every_type_of_the_contract_is_known():
    assert set(TYPES) == {"GOOGLE_SHEETS", "LOOKER_STUDIO", "EMAIL", "SLACK", "MS_TEAMS", "GOOGLE_CHAT"}


@pytest.mark.parametrize(
    ("kind", "entered"),
    [
        ("FAX", {}),
        ("EMAIL", {}),
        ("EMAIL", {"to": []}),
        ("EMAIL", {"to": "a@example.com"}),
        ("EMAIL", {"to": ["nobody"]}),
        ("EMAIL", {"to": [1]}),
        ("EMAIL", {"to": ["a@example.com"] * 51}),
        ("EMAIL", {"to": ["a@example.com"], "cc": []}),
        ("LOOKER_STUDIO", {"destinationSecretKey": SECRET}),
        ("SLACK", {"webhookUrl": f"http://hooks.example.com/{SECRET}"}),
        ("SLACK", {"webhookUrl": f"https://{SECRET}"[:8]}),
        ("SLACK", {"webhookUrl": f"https://user:{SECRET}@hooks.example.com"}),
        ("SLACK", {"webhookUrl": f"https://hooks.example.com:port/{SECRET}"}),
        ("SLACK", {"webhookUrl": f"https://hooks.example.com/a b{SECRET}"}),
        ("SLACK", {"webhookUrl": [HOOK]}),
        ("SLACK", {"to": ["a@example.com"]}),
        ("GOOGLE_SHEETS", {"serviceAccountKey": SECRET}),
        ("GOOGLE_SHEETS", {"serviceAccountKey": f'{{"private_key": "{SECRET}"'}),
        ("GOOGLE_SHEETS", {"serviceAccountKey": KEY_FILE | {"type": "authorized_user"}}),
        ("GOOGLE_SHEETS", {"serviceAccountKey": KEY_FILE | {"private_key": SECRET}}),
        ("GOOGLE_SHEETS", {"serviceAccountKey": KEY_FILE | {"client_email": None}}),
        ("GOOGLE_SHEETS", {"serviceAccountKey": KEY_FILE | {"more": "x" * 8_000}}),
    ],
)
def test_what_cannot_be_right_is_refused_without_being_repeated(kind: str, entered: dict):
    """U4, Z6."""
    with pytest.raises(BadSetting) as caught:
        check(kind, entered)

    assert SECRET not in str(caught.value)


def test_secret_keys_are_random():
    """K1."""
    made = {new_secret_key().secret["destinationSecretKey"] for _ in range(100)}

    assert len(made) == 100
    assert {len(key) for key in made} == {43}
