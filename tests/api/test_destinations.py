"""Destinations over the API (contract.md 3.5, 3.13)."""

import secrets
from uuid import uuid4

import pytest

from tests.api.actors import by_cookie, by_key
from tests.api.matrix.storages import BODIES, DESTINATIONS, EXPECTED
from tests.api.test_isolation import told
from tests.api.things import a_destination
from tests.cast import Stage


def test_secrets_go_in_and_never_come_out(shared_stage: Stage):
    """K2, K5, Z7: the one exception is a secret key in the answer that made it."""
    canary, bob = secrets.token_urlsafe(24), by_key(shared_stage, shared_stage["bob"], "bob")
    hook = {"webhookUrl": f"https://hooks.example.com/{canary}"}

    made = bob.send("POST", DESTINATIONS, json={"type": "SLACK", "title": "Chat", "credentials": hook})
    one = f"{DESTINATIONS}/{made.json['id']}"
    answers = [
        made,
        bob.send("GET", one),
        bob.send("PUT", one, json={"title": "Shop chat"}),
        bob.send("PUT", one, json={"credentials": {"webhookUrl": f"ftp://{canary}"}}),
        bob.send("GET", DESTINATIONS),
    ]
    looker = bob.send("POST", DESTINATIONS, json={"type": "LOOKER_STUDIO", "title": "Board"})
    secret = looker.json["credentials"]["destinationSecretKey"]
    after = [bob.send("GET", f"{DESTINATIONS}/{looker.json['id']}"), bob.send("GET", DESTINATIONS)]

    assert [answer.status_code for answer in answers] == [201, 200, 200, 400, 200]
    assert made.json["credentials"] == {"webhookHost": "hooks.example.com"}
    assert all(canary not in answer.text for answer in answers)
    assert len(secret) == 43
    assert all(secret not in answer.text for answer in after)
    assert looker.headers["Cache-Control"] == "no-store"


def test_a_destination_lives_from_its_creation_to_its_end(shared_stage: Stage):
    """Viewers do as much with those that they own as editors."""
    bob, vera = by_cookie(shared_stage, "bob"), by_cookie(shared_stage, "vera")
    body = {"type": "EMAIL", "title": "Weekly", "credentials": {"to": ["A@example.com"]}}

    made = bob.send("POST", DESTINATIONS, json=body).json
    one = f"{DESTINATIONS}/{made['id']}"
    unshared = {"availableForUse": False, "availableForMaintenance": False}
    shared = bob.send("PUT", f"{one}/sharing", json=unshared).json
    hidden = vera.send("GET", one)
    handed = bob.send("PUT", f"{one}/owners", json={"ownerIds": [shared_stage["vera"].member_id]}).json
    changed = vera.send("PUT", one, json={"title": "Daily", "credentials": {"to": ["b@example.com"]}}).json
    rotated = vera.send("POST", f"{one}/rotate-secret-key")
    ended = vera.send("DELETE", one)

    assert (made["title"], made["credentials"]) == ("Weekly", {"to": ["a@example.com"]})
    assert [user["fullName"] for user in made["ownerUsers"]] == ["Bob"]
    assert (shared["availableForUse"], shared["availableForMaintenance"]) == (False, False)
    assert hidden.status_code == 403
    assert handed == {"ownerIds": [shared_stage["vera"].member_id]}
    assert (changed["title"], changed["credentials"]) == ("Daily", {"to": ["b@example.com"]})
    assert rotated.status_code == 409
    assert (ended.status_code, ended.data) == (200, b"")
    assert vera.send("GET", one).status_code == 404


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"title": "a"}, "type must be a string."),
        ({"type": "EMAIL"}, "title must be a string."),
        ({"type": "EMAIL", "title": "a"}, 'credentials for EMAIL must be one "to".'),
        ({"type": "LOOKER_STUDIO", "title": "a", "projectId": "x"}, "property projectId should not exist."),
        ({"type": "LOOKER_STUDIO", "title": "a", "credentials": "x"}, "credentials must be an object."),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_sentence(shared_stage: Stage, body: dict, message: str):
    """Z6."""
    answer = by_cookie(shared_stage, "bob").send("POST", DESTINATIONS, json=body)

    assert answer.status_code == 400
    assert answer.json["details"]["errors"] == [{"message": message}]


@pytest.mark.parametrize("rule", [rule for rule in EXPECTED if "<destination_id>" in rule[1]], ids=" ".join)
def test_a_foreign_destination_looks_like_none(shared_stage: Stage, rule: tuple[str, str]):
    """Z2."""
    method, path = rule
    charlie, answers = by_key(shared_stage, shared_stage["charlie"], "vera"), set()

    for each in (a_destination(shared_stage), str(uuid4()), "nothing"):
        answer = charlie.send(method, path.replace("<destination_id>", each), **BODIES.get(rule, {}))
        answers.add((answer.status_code, told(answer.text, each)))

    assert len(answers) == 1
    assert next(iter(answers))[0] == 404
