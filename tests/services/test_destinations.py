"""Destinations: who may do what with which, and where their secrets are."""

import secrets
from collections.abc import Callable

import pytest
from sqlalchemy import select

from owox.models import AuditEvent, Destination
from owox.services import destinations
from owox.services.destinations import DestinationInfo, NewDestination
from owox.services.errors import BadSetting, Conflict, Invalid, NotFound
from tests.cast import Stage
from tests.services.acts import acting, outcome

FLAGS = [(False, False), (True, False), (False, True), (True, True)]  # use, maintenance
NONE: set[str] = set()
SEE, CHANGE = {"get"}, {"get", "update", "rotate", "remove"}
RULE = CHANGE | {"share", "set_owners"}
ALLOWED = {  # contract.md 6.2: by hand, in the order of FLAGS
    ("alice", False): (RULE, RULE, RULE, RULE),
    ("bob", True): (RULE, RULE, RULE, RULE),
    ("bob", False): (NONE, SEE, CHANGE, CHANGE),
    ("vera", True): (RULE, RULE, RULE, RULE),
    ("vera", False): (NONE, SEE, CHANGE, CHANGE),
}


def made(stage: Stage, name: str = "alice", kind: str = "LOOKER_STUDIO", **credentials: object) -> DestinationInfo:
    """A destination that somebody created."""
    by = acting(stage, name)
    with stage.session() as session:
        return destinations.create(session, stage.services.keeper.vault, by, NewDestination(kind, "Mine", credentials))


def acts(stage: Stage, name: str, destination_id: str) -> dict[str, Callable[[], object]]:
    """Everything that somebody may try with a destination."""
    by, vault = acting(stage, name), stage.services.keeper.vault

    def run(act: Callable[..., object], *args: object, **more: object) -> Callable[[], object]:
        def inside() -> object:
            with stage.session() as session:
                return act(session, *args, **more)

        return inside

    return {
        "get": run(destinations.get, by.caller, destination_id),
        "update": run(destinations.update, vault, by, destination_id, title="Renamed", credentials=None),
        "rotate": run(destinations.rotate_secret_key, vault, by, destination_id),
        "share": run(destinations.share, by, destination_id, use=True, maintenance=True),
        "set_owners": run(destinations.set_owners, by, destination_id, []),
        "remove": run(destinations.remove, by, destination_id),
    }


def events(stage: Stage, destination_id: str) -> list[str]:
    """What the audit log says of a destination."""
    with stage.session() as session:
        query = select(AuditEvent.action).where(AuditEvent.subject_id == destination_id).order_by(AuditEvent.at)
        return list(session.scalars(query))


@pytest.mark.parametrize(("who", "owned"), ALLOWED)
def test_role_ownership_and_sharing_decide_about_each_act(who: str, owned: bool, shared_stage: Stage):
    """Z1, Z3: a refused act changes nothing and leaves no event; viewers are as free as editors here."""
    alice = acting(shared_stage, "alice")
    for (use, maintenance), allowed in zip(FLAGS, ALLOWED[who, owned], strict=True):
        for name in RULE:
            destination_id = made(shared_stage).destination.id
            with shared_stage.session() as session:
                destinations.share(session, alice, destination_id, use=use, maintenance=maintenance)
                wanted = [shared_stage[who].member_id] if owned else []
                destinations.set_owners(session, alice, destination_id, wanted)
            before = events(shared_stage, destination_id)

            ended = outcome(acts(shared_stage, who, destination_id)[name])

            assert ended == ("done" if name in allowed else "Forbidden"), (use, maintenance, name)
            assert ended == "done" or events(shared_stage, destination_id) == before


def test_strangers_find_nothing(shared_stage: Stage):
    """Z2: the destination of another project is one that does not exist."""
    for name, act in acts(shared_stage, "charlie", made(shared_stage).destination.id).items():
        assert outcome(act) == "NotFound", name


def test_lists_hold_what_is_owned_or_shared(shared_stage: Stage):
    """Z1; contract.md 6.4."""
    alice = acting(shared_stage, "alice")
    closed, owned = (made(shared_stage).destination.id for _ in range(2))
    with shared_stage.session() as session:
        for each in (closed, owned):
            destinations.share(session, alice, each, use=False, maintenance=False)
        destinations.set_owners(session, alice, owned, [shared_stage["vera"].member_id])
        seen = {
            name: {info.destination.id for info in destinations.listed(session, caller)} & {closed, owned}
            for name, caller in ((name, acting(shared_stage, name).caller) for name in ("alice", "bob", "vera"))
        }

    assert seen == {"alice": {closed, owned}, "bob": set(), "vera": {owned}}


def test_a_secret_key_is_told_once_and_stored_sealed(shared_stage: Stage):
    """K2, K5: rotating it makes another one, and the former is forgotten."""
    vault, by = shared_stage.services.keeper.vault, acting(shared_stage, "bob")
    first = made(shared_stage, "bob")
    with shared_stage.session() as session:
        second = destinations.rotate_secret_key(session, vault, by, first.destination.id)
        later = destinations.update(session, vault, by, first.destination.id, title="Renamed", credentials={})
        row = session.get_one(Destination, first.destination.id)
        kept = vault.open(row.id, row.secret)

    assert first.new_secret
    assert second.new_secret
    assert first.new_secret != second.new_secret
    assert later.new_secret is None
    assert kept == {"destinationSecretKey": second.new_secret}
    assert second.new_secret not in f"{row.secret} {row.config} {second!r}"


def test_a_webhook_is_stored_sealed_and_gone_after_the_end(shared_stage: Stage):
    """K2: nor does the audit log have it."""
    canary, by = secrets.token_urlsafe(24), acting(shared_stage, "bob")
    info = made(shared_stage, "bob", "SLACK", webhookUrl=f"https://hooks.example.com/{canary}")
    with shared_stage.session() as session:
        row = session.get_one(Destination, info.destination.id)
        stored = f"{row.secret} {row.config}"
        told = str([vars(event) for event in session.scalars(select(AuditEvent))])
    with shared_stage.session() as session:
        destinations.remove(session, by, info.destination.id)

    assert info.destination.config == {"webhookHost": "hooks.example.com"}
    assert canary not in stored + told
    with shared_stage.session() as session:
        assert session.get_one(Destination, info.destination.id).secret is None
        with pytest.raises(NotFound):
            destinations.get(session, by.caller, info.destination.id)


def test_bad_values_are_refused(shared_stage: Stage):
    vault, by = shared_stage.services.keeper.vault, acting(shared_stage, "bob")
    mail = made(shared_stage, "bob", "EMAIL", to=["a@example.com"]).destination.id

    with shared_stage.session() as session:
        with pytest.raises(Invalid):
            destinations.create(session, vault, by, NewDestination("LOOKER_STUDIO", " ", {}))
        with pytest.raises(BadSetting):
            destinations.create(session, vault, by, NewDestination("FAX", "Fax", {}))
        with pytest.raises(BadSetting):
            destinations.update(session, vault, by, mail, title=None, credentials={"to": ["nobody"]})
        with pytest.raises(Conflict):
            destinations.rotate_secret_key(session, vault, by, mail)
        with pytest.raises(BadSetting, match="no member"):
            destinations.set_owners(session, by, mail, [shared_stage["charlie"].member_id])
