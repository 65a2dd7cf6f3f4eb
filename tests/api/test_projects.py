"""The settings of a project over the API (contract.md 3.6)."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import AuditEvent
from tests import contract, contract_project
from tests.api.actors import Actor, by_cookie, by_key
from tests.api.matrix.projects import SETTINGS
from tests.cast import Stage

DESCRIPTION = f"{SETTINGS}/description"


def shown(actor: Actor) -> str | None:
    """What the project says about itself, as somebody is told."""
    answer = actor.send("GET", SETTINGS).get_json()
    assert contract.problems(contract_project.SETTINGS, answer) == []
    assert list(answer) == ["description"]
    return answer["description"]


@pytest.mark.parametrize(
    "text", ["x", " ", "A shop.\nTwo lines\tand a tab.", "<b>&amp;\"'", "Име \u2028 名 🫖", "🫖" * 10_000]
)
def test_what_an_admin_sets_is_what_every_member_is_told(text: str, stage: Stage):
    alice, vera = by_key(stage, stage["alice"], "alice"), by_key(stage, stage["vera"], "vera")
    before = shown(vera)

    answer = alice.send("PUT", DESCRIPTION, json={"description": text})
    told = shown(vera)
    cleared = alice.send("PUT", DESCRIPTION, json={"description": None})

    assert (before, answer.status_code, answer.get_json()) == (None, 200, {"description": text})
    assert told == text
    assert cleared.get_json() == {"description": None}
    assert shown(by_cookie(stage, "charlie")) is shown(vera) is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"description": ""}, "description must be longer than or equal to 1 characters."),
        ({"description": "x" * 10_001}, "description must be shorter than or equal to 10000 characters."),
        ({}, "description must be a string or null."),
        ({"description": 7}, "description must be a string."),
        ({"description": ["x"]}, "description must be a string."),
        ({"description": "x", "title": "y"}, "property title should not exist."),
    ],
)
def test_a_description_that_is_none_is_refused(body: dict[str, object], message: str, shared_stage: Stage):
    """I2, Z6."""
    alice = by_key(shared_stage, shared_stage["alice"], "alice")

    answer = alice.send("PUT", DESCRIPTION, json=body)

    assert answer.status_code == 400
    assert answer.get_json()["message"] == "Request validation failed"
    assert answer.get_json()["details"] == {"errors": [{"message": message}]}
    assert shown(alice) is None


def test_what_no_text_may_hold_is_refused(shared_stage: Stage):
    """I2: NUL and half of a surrogate pair."""
    alice = by_key(shared_stage, shared_stage["alice"], "alice")

    for text in ("a\\u0000b", "a\\ud800b"):
        body = f'{{"description":"{text}"}}'.encode()
        assert alice.send("PUT", DESCRIPTION, data=body, content_type="application/json").status_code == 400
    assert shown(alice) is None


def test_descriptions_take_longer_bodies_than_other_texts(stage: Stage):
    """I1: 10,000 characters, each written as two escapes; and what is too large is said as the contract says it."""
    alice = by_cookie(stage, "alice")
    body = '{"description":"' + "\\ud83e\\uded6" * 10_000 + '"}'

    for path in (DESCRIPTION, f"/api/data-marts/{stage.cast.marts['Orders']}/description"):
        whole = alice.send("PUT", path, data=body, content_type="application/json")
        larger = alice.send("PUT", path, data=b"x" * (128 * 1024 + 1), content_type="application/json")

        assert (whole.status_code, whole.get_json()["description"], larger.status_code) == (
            200,
            "\U0001fad6" * 10_000,
            413,
        )
        assert larger.get_json()["message"] == "Request body too large"


def test_a_change_is_in_the_audit_log(stage: Stage):
    """U1: with who, and by which key."""
    by_key(stage, stage["alice"], "alice").send("PUT", DESCRIPTION, json={"description": "A shop"})
    by_key(stage, stage["bob"], "bob").send("PUT", DESCRIPTION, json={"description": "Mine"})

    with Session(stage.engine) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "project.describe")).all()

    assert [(each.member_id, each.api_key_id, each.subject_id) for each in events] == [
        (stage["alice"].member_id, stage["alice"].key_id, stage.cast.project_id)
    ]
