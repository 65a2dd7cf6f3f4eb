"""Data marts: who may do what with which, and what is left of each act."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import AuditEvent, DataMart, MartStatus, Storage
from owox.roles import Owner
from owox.services import mart_definitions, marts, storages
from owox.services.errors import BadSetting, DomainError, Forbidden, Invalid, NotFound
from owox.services.mart_definitions import FieldSettings
from tests.cast import Stage, end_membership
from tests.services.acts import acting, outcome

FLAGS = [(False, False), (True, False), (False, True), (True, True)]  # reporting, maintenance
NONE: set[str] = set()
SEE = {"get"}
CHANGE = {"get", "rename", "describe", "define", "publish", "unpublish", "refresh", "set_fields", "remove"}
RULE = CHANGE | {"share", "set_owners"}
ALLOWED = {  # contract.md 6.2: by hand, in the order of FLAGS
    ("alice", ()): (RULE, RULE, RULE, RULE),
    ("bob", ("technical",)): (RULE, RULE, RULE, RULE),
    ("bob", ("business",)): (SEE, SEE, CHANGE, CHANGE),
    ("bob", ()): (NONE, SEE, CHANGE, CHANGE),
    ("vera", ("technical",)): (SEE, SEE, SEE, SEE),
    ("vera", ("business",)): (SEE, SEE, SEE, SEE),
    ("vera", ()): (NONE, SEE, NONE, SEE),
}
SQL = {"sqlQuery": "SELECT id, product FROM orders"}


def shop(stage: Stage) -> Storage:
    """The storage that the cast's data marts read."""
    with Session(stage.engine) as session:
        return session.scalars(select(Storage).where(Storage.title == "Shop file")).one()


def made(stage: Stage, name: str = "alice", title: str = "New") -> str:
    """A draft that somebody created over it; return its id."""
    storage_id, by = shop(stage).id, acting(stage, name)
    with stage.session() as session:
        return marts.create(session, by, title, storage_id).id


def defined(stage: Stage, name: str = "alice", sql: str = SQL["sqlQuery"]) -> str:
    """The same with a definition."""
    mart_id, by = made(stage, name), acting(stage, name)
    examined = mart_definitions.examine(stage.services.keeper, shop(stage), "SQL", {"sqlQuery": sql})
    with stage.session() as session:
        mart_definitions.define(session, by, mart_id, examined)
    return mart_id


def acts(stage: Stage, name: str, mart_id: str) -> dict[str, Callable[[], object]]:
    """Everything that somebody may try with a data mart."""
    by, keeper = acting(stage, name), stage.services.keeper
    examined = mart_definitions.examine(keeper, shop(stage), "SQL", SQL)

    def run(act: Callable[..., object], *args: object, **more: object) -> Callable[[], object]:
        def inside() -> object:
            with stage.session() as session:
                return act(session, *args, **more)

        return inside

    return {
        "get": run(marts.get, by.caller, mart_id),
        "rename": run(marts.rename, by, mart_id, "Renamed"),
        "describe": run(marts.describe, by, mart_id, "Text"),
        "share": run(marts.share, by, mart_id, reporting=True, maintenance=True),
        "set_owners": run(marts.set_owners, by, mart_id, {Owner.BUSINESS: []}),
        "define": run(mart_definitions.define, by, mart_id, examined),
        "publish": run(mart_definitions.publish, by, mart_id, examined),
        "unpublish": run(mart_definitions.unpublish, by, mart_id),
        "refresh": run(mart_definitions.refresh, by, mart_id, examined),
        "set_fields": run(mart_definitions.set_fields, by, mart_id, [FieldSettings("id", hidden=True)]),
        "remove": run(marts.remove, by, mart_id),
    }


def events(stage: Stage, mart_id: str) -> list[str]:
    """What the audit log says of a data mart."""
    with stage.session() as session:
        query = select(AuditEvent.action).where(AuditEvent.subject_id == mart_id).order_by(AuditEvent.at)
        return list(session.scalars(query))


def stored(stage: Stage, mart_id: str) -> DataMart:
    """A data mart's row."""
    with stage.session() as session:
        return session.get_one(DataMart, mart_id)


@pytest.mark.parametrize(("who", "kinds"), ALLOWED)
def test_role_ownership_and_sharing_decide_about_each_act(who: str, kinds: tuple[str, ...], shared_stage: Stage):
    """Z1, Z3: a refused act changes nothing and leaves no event."""
    alice = acting(shared_stage, "alice")
    for (reporting, maintenance), allowed in zip(FLAGS, ALLOWED[who, kinds], strict=True):
        mart_id = defined(shared_stage)
        wanted = {kind: [shared_stage[who].member_id] if kind in kinds else [] for kind in Owner}
        with shared_stage.session() as session:
            marts.share(session, alice, mart_id, reporting=reporting, maintenance=maintenance)
            marts.set_owners(session, alice, mart_id, wanted)
        tried = acts(shared_stage, who, mart_id)
        refused = set(tried) - allowed

        before = events(shared_stage, mart_id)
        assert {name: outcome(tried[name]) for name in refused} == dict.fromkeys(refused, "Forbidden")
        assert events(shared_stage, mart_id) == before
        # Whoever may share may also give others the right to the acts after it.
        done = {name: outcome(tried[name]) for name in tried if name in allowed}
        assert done == dict.fromkeys(done, "done"), (reporting, maintenance)


def test_strangers_find_nothing(shared_stage: Stage):
    """Z2: the data mart of another project is one that does not exist."""
    for name, act in acts(shared_stage, "charlie", defined(shared_stage)).items():
        assert outcome(act) == "NotFound", name


def test_a_new_data_mart_is_a_shared_draft_of_its_creator(shared_stage: Stage):
    mart_id = made(shared_stage, "bob", "  Orders of today ")
    with shared_stage.session() as session:
        mart = marts.get(session, acting(shared_stage, "bob").caller, mart_id)

    assert (mart.title, mart.status, mart.definition, mart.fields) == ("Orders of today", "DRAFT", None, [])
    assert (mart.available_for_reporting, mart.available_for_maintenance) == (True, True)
    assert [(owner.member.name, owner.kind) for owner in mart.owners] == [("Bob", "technical")]
    assert events(shared_stage, mart_id) == ["data_mart.create"]


def test_a_data_mart_needs_a_storage_that_its_maker_may_use(shared_stage: Stage):
    """Z2, Z3: neither one that is not shared, nor another project's, nor one that is gone."""
    alice, bob, charlie = (acting(shared_stage, name) for name in ("alice", "bob", "charlie"))
    keeper = shared_stage.services.keeper
    with shared_stage.session() as session:
        closed = storages.create(session, keeper, alice, storages.NewStorage("DUCKDB", "Closed")).storage.id
        storages.share(session, alice, closed, use=False, maintenance=False)
        gone = storages.create(session, keeper, alice, storages.NewStorage("DUCKDB", "Gone")).storage.id
        storages.remove(session, alice, gone)

    def tried(by: object, storage_id: str) -> str:
        def inside() -> object:
            with shared_stage.session() as session:
                return marts.create(session, by, "Mine", storage_id)

        return outcome(inside)

    assert tried(bob, closed) == "Forbidden"
    assert tried(charlie, closed) == tried(alice, gone) == tried(alice, "nothing") == "NotFound"


def test_bad_values_are_refused_and_nothing_is_stored(shared_stage: Stage):
    mart_id, by = made(shared_stage, "bob"), acting(shared_stage, "bob")
    bad: list[tuple[type[DomainError], Callable[..., object]]] = [
        (Invalid, lambda session: marts.rename(session, by, mart_id, " ")),
        (Invalid, lambda session: marts.rename(session, by, mart_id, "x" * 256)),
        (BadSetting, lambda session: marts.describe(session, by, mart_id, "")),
        (BadSetting, lambda session: marts.describe(session, by, mart_id, "x" * 10_001)),
        (BadSetting, lambda session: marts.set_owners(session, by, mart_id, {Owner.BUSINESS: ["nobody"]})),
    ]

    for kind, act in bad:
        with pytest.raises(kind), shared_stage.session() as session:
            act(session)

    assert events(shared_stage, mart_id) == ["data_mart.create"]


def test_owners_are_members_and_each_kind_is_replaced_on_its_own(stage: Stage):
    """Z2."""
    mart_id, by = made(stage, "alice"), acting(stage, "alice")
    bob, vera, charlie = (stage[name].member_id for name in ("bob", "vera", "charlie"))
    with stage.session() as session:
        marts.set_owners(session, by, mart_id, {Owner.BUSINESS: [bob, vera, bob]})
        mart = marts.get(session, by.caller, mart_id)

    assert sorted((owner.member.name, owner.kind) for owner in mart.owners) == [
        ("Alice", "technical"),
        ("Bob", "business"),
        ("Vera", "business"),
    ]
    end_membership(stage, "bob")
    for stranger in (charlie, bob):
        with pytest.raises(BadSetting, match="no member"), stage.session() as session:
            marts.set_owners(session, by, mart_id, {Owner.TECHNICAL: [stranger]})


def test_a_deleted_data_mart_is_gone_from_lists_reads_and_its_storage(stage: Stage):
    mart_id, by = made(stage, "alice"), acting(stage, "alice")
    with stage.session() as session:
        before = storages.get(session, by.caller, shop(stage).id).drafts
    with stage.session() as session:
        marts.remove(session, by, mart_id)

    with stage.session() as session:
        assert mart_id not in {mart.id for mart in marts.page(session, by.caller, 0).marts}
        assert storages.get(session, by.caller, shop(stage).id).drafts == before - 1
        for find in (marts.get, marts.for_reading, marts.for_seeing):
            with pytest.raises(NotFound):
                find(session, by.caller, mart_id)


def test_a_draft_cannot_be_read_and_a_published_one_can(stage: Stage):
    mart_id, by = defined(stage), acting(stage, "vera")
    tried = acts(stage, "alice", mart_id)

    def read() -> object:
        with stage.session() as session:
            return marts.for_reading(session, by.caller, mart_id)

    seen = [outcome(read)]
    for act in ("publish", "unpublish", "publish", "publish"):
        tried[act]()
        seen.append(outcome(read))

    assert seen == ["NotFound", "done", "NotFound", "done", "done"]
    assert events(stage, mart_id).count("data_mart.publish") == 2
    assert stored(stage, mart_id).status == MartStatus.PUBLISHED


def test_a_definition_that_came_in_between_keeps_its_own_fields(shared_stage: Stage):
    mart_id, by = defined(shared_stage, "bob", "SELECT 1 AS one"), acting(shared_stage, "bob")
    older = mart_definitions.examine(shared_stage.services.keeper, shop(shared_stage), "SQL", SQL)

    for act in (mart_definitions.publish, mart_definitions.refresh):
        with shared_stage.session() as session:
            act(session, by, mart_id, older)

    assert stored(shared_stage, mart_id).fields == [{"name": "one", "type": "INTEGER"}]
    assert stored(shared_stage, mart_id).status == MartStatus.PUBLISHED


def test_business_owners_do_not_manage_owners(shared_stage: Stage):
    """Z3."""
    mart_id, alice, bob = made(shared_stage), acting(shared_stage, "alice"), acting(shared_stage, "bob")
    with shared_stage.session() as session:
        marts.set_owners(session, alice, mart_id, {Owner.BUSINESS: [bob.caller.member_id]})

    with pytest.raises(Forbidden), shared_stage.session() as session:
        marts.set_owners(session, bob, mart_id, {Owner.TECHNICAL: [bob.caller.member_id]})


def test_no_data_mart_comes_to_stand_on_a_storage_that_is_being_deleted(stage: Stage):
    """D4: whichever is first, the other one is told."""
    by, keeper = acting(stage, "alice"), stage.services.keeper

    for _ in range(10):
        with stage.session() as session:
            storage_id = storages.create(session, keeper, by, storages.NewStorage("DUCKDB", "Brief")).storage.id
        barrier = Barrier(2)

        def add(storage_id: str = storage_id, barrier: Barrier = barrier) -> object:
            barrier.wait()
            with stage.session() as session:
                return marts.create(session, by, "Mine", storage_id)

        def end(storage_id: str = storage_id, barrier: Barrier = barrier) -> object:
            barrier.wait()
            with stage.session() as session:
                return storages.remove(session, by, storage_id)

        with ThreadPoolExecutor(2) as pool:
            ended = tuple(pool.map(outcome, (add, end)))

        assert ended in {("done", "Conflict"), ("NotFound", "done")}
