"""Storages: who may do what with which, and what is left of each act."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import select

from owox.models import AuditEvent, Storage, StorageOwner
from owox.services import storages
from owox.services.acting import Acting, as_operator
from owox.services.errors import BadSetting, Conflict, Forbidden, Invalid, NotFound
from owox.services.storages import NewStorage, StorageInfo
from tests.cast import OPERATOR, Stage, end_membership
from tests.services.acts import acting, outcome

FLAGS = [(False, False), (True, False), (False, True), (True, True)]
SEE, CHANGE, RULE = {"get"}, {"get", "update", "remove"}, {"get", "update", "remove", "share", "set_owners"}
ALLOWED = {  # contract.md 6.2: by hand, in the order of FLAGS
    ("alice", False): (RULE, RULE, RULE, RULE),
    ("bob", True): (RULE, RULE, RULE, RULE),
    ("bob", False): (set(), SEE, CHANGE, CHANGE),
    ("vera", True): (set(), set(), set(), set()),
    ("vera", False): (set(), set(), set(), set()),
}


def made(stage: Stage, name: str, title: str = "Mine", config: dict[str, str] | None = None) -> StorageInfo:
    """A storage that somebody created."""
    with stage.session() as session:
        new = NewStorage("DUCKDB", title, config)
        return storages.create(session, stage.services.keeper, acting(stage, name), new)


def acts(stage: Stage, name: str, storage_id: str) -> dict[str, Callable[[], object]]:
    """Everything that somebody may try with a storage."""
    by, keeper = acting(stage, name), stage.services.keeper

    def run(act: Callable[..., object], *args: object, **more: object) -> Callable[[], object]:
        def inside() -> object:
            with stage.session() as session:
                return act(session, *args, **more)

        return inside

    return {
        "get": run(storages.get, by.caller, storage_id),
        "update": run(storages.update, keeper, by, storage_id, title="Renamed", config=None),
        "share": run(storages.share, by, storage_id, use=True, maintenance=True),
        "set_owners": run(storages.set_owners, by, storage_id, []),
        "remove": run(storages.remove, by, storage_id),
    }


def events(stage: Stage, storage_id: str) -> list[str]:
    """What the audit log says of a storage."""
    with stage.session() as session:
        query = select(AuditEvent.action).where(AuditEvent.subject_id == storage_id).order_by(AuditEvent.at)
        return list(session.scalars(query))


@pytest.mark.parametrize(("who", "owned"), ALLOWED)
def test_role_ownership_and_sharing_decide_about_each_act(who: str, owned: bool, shared_stage: Stage):
    """Z1, Z3: a refused act changes nothing and leaves no event."""
    for (use, maintenance), allowed in zip(FLAGS, ALLOWED[who, owned], strict=True):
        for name in ("get", "update", "share", "set_owners", "remove"):
            storage_id = made(shared_stage, "alice").storage.id
            with shared_stage.session() as session:
                by = acting(shared_stage, "alice")
                storages.share(session, by, storage_id, use=use, maintenance=maintenance)
                storages.set_owners(session, by, storage_id, [shared_stage[who].member_id] if owned else [])
            before = events(shared_stage, storage_id)

            ended = outcome(acts(shared_stage, who, storage_id)[name])

            assert ended == ("done" if name in allowed else "Forbidden"), (use, maintenance, name)
            if ended != "done":
                assert events(shared_stage, storage_id) == before


def test_strangers_find_nothing(shared_stage: Stage):
    """Z2: the storage of another project is one that does not exist."""
    storage_id = made(shared_stage, "alice").storage.id

    for name, act in acts(shared_stage, "charlie", storage_id).items():
        assert outcome(act) == "NotFound", name


def test_whoever_creates_a_storage_owns_it(shared_stage: Stage):
    info = made(shared_stage, "bob", "  Shop data ")

    assert info.storage.title == "Shop data"
    assert info.created_by is not None
    assert [owner.member_id for owner in info.storage.owners] == [shared_stage["bob"].member_id]
    assert (info.storage.available_for_use, info.storage.available_for_maintenance) == (True, False)
    assert events(shared_stage, info.storage.id) == ["storage.create"]


def test_a_storage_that_the_operator_makes_is_owned_by_nobody(shared_stage: Stage):
    by = Acting(as_operator(shared_stage.cast.project_id), OPERATOR, datetime.now(UTC))

    with shared_stage.session() as session:
        info = storages.create(session, shared_stage.services.keeper.for_operator(), by, NewStorage("SQLITE"))

    assert (info.storage.title, info.created_by, info.storage.owners) == ("SQLite", None, [])


def test_a_viewers_list_holds_the_storages_that_they_own(shared_stage: Stage):
    """Z1; contract.md 6.4."""
    mine, other = (made(shared_stage, "alice", title).storage.id for title in ("Vera's", "Not vera's"))
    vera = acting(shared_stage, "vera").caller
    with shared_stage.session() as session:
        storages.set_owners(session, acting(shared_stage, "alice"), mine, [vera.member_id])
        listed = {info.storage.id for info in storages.listed(session, vera)}

    assert mine in listed
    assert other not in listed


def test_bad_values_are_refused_and_nothing_is_stored(shared_stage: Stage):
    keeper, by = shared_stage.services.keeper, acting(shared_stage, "bob")
    bad = [
        NewStorage("GOOGLE_BIGQUERY"),
        NewStorage("DUCKDB", " "),
        NewStorage("DUCKDB", "x" * 256),
        NewStorage("DUCKDB", "a", {"path": "/etc/passwd"}),
        NewStorage("POSTGRESQL", "a", {"url": "postgresql://x"}),
    ]
    with shared_stage.session() as session:
        before = len(session.scalars(select(Storage.id)).all())

    for new in bad:
        with pytest.raises((BadSetting, Invalid)), shared_stage.session() as session:
            storages.create(session, keeper, by, new)

    with shared_stage.session() as session:
        assert len(session.scalars(select(Storage.id)).all()) == before


def test_only_members_of_the_project_can_own(stage: Stage):
    """Z2: neither strangers nor those who have left."""
    storage_id, by = made(stage, "alice").storage.id, acting(stage, "alice")
    end_membership(stage, "bob")

    for name in ("charlie", "bob"):
        with pytest.raises(BadSetting, match="no member of this project"), stage.session() as session:
            storages.set_owners(session, by, storage_id, [stage["vera"].member_id, stage[name].member_id])

    with stage.session() as session:
        owners = session.scalars(select(StorageOwner.member_id).where(StorageOwner.storage_id == storage_id)).all()
    assert owners == [stage["alice"].member_id]


def test_a_storage_with_data_marts_stays(shared_stage: Stage):
    with shared_stage.session() as session:
        storage_id = session.scalar(select(Storage.id).where(Storage.title == "Shop file"))
        with pytest.raises(Conflict, match="5 data marts"):
            storages.remove(session, acting(shared_stage, "alice"), storage_id)


def test_a_deleted_storage_is_gone_and_its_secret_with_it(shared_stage: Stage):
    keeper, by = shared_stage.services.keeper, acting(shared_stage, "alice")
    with shared_stage.session() as session:
        config = {"url": "postgresql://reader:hidden@db.example/shop"}
        storage_id = storages.create(session, keeper, by, NewStorage("POSTGRESQL", "Gone", config)).storage.id
        storages.remove(session, by, storage_id)

    with shared_stage.session() as session:
        assert session.get_one(Storage, storage_id).secret is None
        assert storage_id not in {info.storage.id for info in storages.listed(session, by.caller)}
        with pytest.raises(NotFound):
            storages.get(session, by.caller, storage_id)


def test_a_viewer_with_a_storage_of_their_own_still_may_not_see_it(shared_stage: Stage):
    """Z3; contract.md 6.4: it stands in the list, and the decision about it is no."""
    storage_id = made(shared_stage, "alice").storage.id
    vera = acting(shared_stage, "vera").caller
    with shared_stage.session() as session:
        storages.set_owners(session, acting(shared_stage, "alice"), storage_id, [vera.member_id])
        with pytest.raises(Forbidden):
            storages.get(session, vera, storage_id)


def test_a_test_says_what_failed(shared_stage: Stage):
    keeper = shared_stage.services.keeper
    folder = shared_stage.services.settings.storage_paths[0]
    folder.mkdir(exist_ok=True)
    duckdb.connect(str(folder / "shop.duckdb")).close()
    (folder / "text.duckdb").write_text("no database " * 1_000)

    def tested(config: dict[str, str] | None) -> str | None:
        error = storages.test(keeper, made(shared_stage, "bob", config=config).storage)
        return None if error is None else error.provider_message

    assert tested({"path": "shop.duckdb"}) is None
    assert "not a valid DuckDB database" in str(tested({"path": "text.duckdb"}))
    assert str(Path("nothing.duckdb")) in str(tested({"path": "nothing.duckdb"}))
    assert "path" in str(tested(None))
