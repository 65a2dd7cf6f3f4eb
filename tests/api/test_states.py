"""The state table at every door of the API."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from owox import keys
from owox.keys import State
from owox.models import db
from owox.roles import Role
from owox.services import members
from tests.cast import OPERATOR, Stage, settle
from tests.states import (
    CONTEXT,
    DOORS,
    SECRET_DOORS,
    TABLE,
    TOKEN_DOORS,
    Holder,
    comparable,
    headers,
    knock,
    play,
    wrong,
    wrong_tokens,
)

CODES = {
    State.REVOKED: "API_KEY_REVOKED",
    State.EXPIRED: "API_KEY_EXPIRED",
    State.REPLACED: "API_KEY_REPLACED",
    State.SUSPENDED: "API_KEY_SUSPENDED",
    State.MEMBERSHIP_ENDED: "API_KEY_OWNER_LEFT",
    State.OWNER_DISABLED: "API_KEY_OWNER_DISABLED",
}


@pytest.mark.parametrize("name", TABLE)
def test_a_key_is_accepted_at_a_door_only_while_active(name: str, stage: Stage):
    """K8, K10, Z5: also with a token that was exchanged before."""
    row = TABLE[name]
    played = play(stage, row)
    client = stage.app.test_client()

    with time_machine.travel(played.moment, tick=False):
        answers = {door: knock(client, door, played.holder) for door in DOORS}

    expected = 200 if row.state is State.ACTIVE else 401
    assert {door: answer.status_code for door, answer in answers.items()} == dict.fromkeys(DOORS, expected)


@pytest.mark.parametrize("apart", [timedelta(minutes=-2), timedelta(minutes=2)], ids=["behind", "ahead"])
def test_a_database_whose_clock_differs_makes_no_key_last_longer_or_shorter(apart: timedelta, stage: Stage):
    """S5: only this server's clock decides, from the exchange to the end."""
    client = stage.app.test_client()
    with time_machine.travel(datetime.now(UTC) + apart, tick=False):
        played = play(stage, TABLE["one millisecond before expiry"])

    statuses = []
    for moment in (played.moment, played.moment + timedelta(milliseconds=1)):
        with time_machine.travel(moment, tick=False):
            statuses.append({knock(client, door, played.holder).status_code for door in DOORS})

    assert statuses == [{200}, {401}]


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.state is not State.ACTIVE])
def test_whoever_holds_the_right_secret_is_told_why_and_since_when(name: str, stage: Stage):
    row = TABLE[name]
    played = play(stage, row)
    client = stage.app.test_client()
    assert played.since is not None
    since = played.since.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    with time_machine.travel(played.moment, tick=False):
        bodies = {door: knock(client, door, played.holder).get_json() for door in DOORS}

    # A token never outlives its key, so that an expired key's token has ended too, and says no more than that.
    telling = SECRET_DOORS if row.before_end is not None and row.expires else DOORS
    told = {door: (bodies[door].get("code"), bodies[door].get("details")) for door in telling}
    assert told == dict.fromkeys(telling, (CODES[row.state], {"at": since}))


def test_a_downgrade_changes_what_a_key_may_do_on_the_next_request(stage: Stage):
    """K15, Z5."""
    played = play(stage, TABLE["downgraded"])

    context = knock(stage.app.test_client(), "own token", played.holder).get_json()

    assert context["roles"] == ["viewer"]


@pytest.mark.parametrize("door", SECRET_DOORS)
def test_wrong_credentials_cannot_be_told_apart(door: str, shared_stage: Stage):
    """K4, K6, K7: status, body, headers and length are the same whatever is wrong."""
    person, client = shared_stage.more("bob"), shared_stage.app.test_client()
    answers = {}

    for at, (what, holder) in enumerate(wrong(person, shared_stage["vera"]).items()):
        # Without an ID the exchange has no credential at all, and a combined value is damaged: both are told so.
        if door == "basic" or holder.key_id:
            # A key of its own for each, or the tenth would be slowed down.
            answers[what] = comparable(
                knock(client, door, _spread(holder, person.key_id, shared_stage), f"10.0.0.{at}")
            )

    first = answers["unknown id"]
    assert first[0] == 401
    assert {what for what, answer in answers.items() if answer != first} == set()


def _spread(holder: Holder, shared: str, stage: Stage) -> Holder:
    """The same mistake about a key that no other case has tried."""
    return replace(holder, key_id=stage.more("bob").key_id) if holder.key_id == shared else holder


@pytest.mark.parametrize("door", TOKEN_DOORS)
def test_wrong_tokens_cannot_be_told_apart(door: str, shared_stage: Stage):
    """K4, T6: a secret, an ID and a token of another kind are no tokens either."""
    person, client = shared_stage.more("bob"), shared_stage.app.test_client()
    token = knock(client, "exchange", Holder(person.key_id, person.secret)).get_json()["accessToken"]
    answers = {}

    for at, (what, wrong_token) in enumerate(wrong_tokens(shared_stage, person, token).items()):
        holder = Holder(keys.mint().key_id, "", wrong_token)
        answers[what] = comparable(knock(client, door, holder, f"10.0.1.{at}"))

    first = answers["of an unknown key"]
    assert first[0] == 401
    assert {what for what, answer in answers.items() if answer != first} == set()


def test_a_sign_in_or_form_token_opens_no_door_of_keys_and_a_token_is_no_cookie(stage: Stage):
    """T6."""
    browser = stage.visitor("alice")
    cookie = browser.get_cookie("owox_sign_in")
    assert cookie is not None
    holder = Holder(stage["alice"].key_id, stage["alice"].secret)
    token = knock(stage.app.test_client(), "exchange", holder).get_json()["accessToken"]

    by_cookie_value = knock(stage.app.test_client(), "bearer token", replace(holder, token=cookie.value))
    stranger = stage.app.test_client()
    stranger.set_cookie("owox_sign_in", token)

    assert browser.get(CONTEXT).status_code == 200
    assert by_cookie_value.status_code == 401
    assert stranger.get(CONTEXT).status_code == 401


def test_a_token_beside_another_keys_id_is_forbidden(stage: Stage):
    """T6, contract.md 2.4: 403, at both token doors."""
    alice, bob = stage["alice"], stage["bob"]
    client = stage.app.test_client()
    token = knock(client, "exchange", Holder(alice.key_id, alice.secret)).get_json()["accessToken"]

    own = client.get(CONTEXT, headers=headers("own token", Holder(bob.key_id, "", token)))
    without = client.get(CONTEXT, headers={"x-owox-authorization": f"Bearer {token}"})
    standard = client.get(CONTEXT, headers={"Authorization": f"Bearer {token}", "x-owox-api-key-id": bob.key_id})

    assert [answer.status_code for answer in (own, without, standard)] == [403, 403, 403]
    assert own.get_json()["message"] == "Access denied by api key"


def test_a_member_who_comes_back_has_no_old_keys(stage: Stage):
    """Z5."""
    played = play(stage, TABLE["membership ended"])
    bob = stage["bob"]
    with stage.session() as session:
        members.join(session, bob.member_id, bob.project_id, Role.ADMIN, OPERATOR, datetime.now(UTC))

    answers = [knock(stage.app.test_client(), door, played.holder).status_code for door in DOORS]

    assert answers == [401] * 5


def test_exchanges_and_uses_leave_no_row_behind(stage: Stage):
    """T7: an access token is a signed statement, so that nothing is there to be swept."""
    played = play(stage, TABLE["active"])
    client = stage.app.test_client()

    def row_counts() -> dict[str, int]:
        with stage.session() as session:
            tables = db.metadata.tables.items()
            return {name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables}

    before = row_counts()
    statuses = {knock(client, door, played.holder).status_code for door in DOORS * 10}
    settle(stage.app)

    assert statuses == {200}
    assert row_counts() == before
