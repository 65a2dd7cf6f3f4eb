"""The list of data marts that the database writes, compared with the one that is written from objects."""

import json
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from owox.api import shapes
from owox.models import DataMart, DataMartOwner, Member, Storage
from owox.models.base import new_id
from owox.roles import Owner
from owox.services import mart_list, marts, members
from owox.services.authentication import Caller
from tests.api import actors
from tests.cast import Stage

TEXTS = (
    "plain", " ", "".join(map(chr, range(1, 32))), "\x7f\x80\x9f\xa0",
    "\"double\" 'single' \\back\\ /slash/ {brace} %s %%",
    "Bücher, книги, 書籍, كتب", "\U0001f9ff\U0010ffff", "\u2028\u2029\ufeff\ufffd", "e\u0301", "x" * 255,
    '","id":"forged"}', ":name $1 ?1", "null", "true", "0",
)  # fmt: skip
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = (
    EPOCH, EPOCH + timedelta(milliseconds=1), datetime(2026, 11, 26, 23, 59, 59, 999000, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 0, 0, 500000, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC),
    datetime(2250, 12, 31, 23, 59, 59, 1000, tzinfo=UTC),
    *(EPOCH + timedelta(days=20_000, milliseconds=n) for n in range(10)),
)  # fmt: skip


def from_objects(
    session: Session, caller: Caller, alias: str | None, offset: int, has_owners: bool | None
) -> tuple[str, int, int]:
    """The items, how many, and how many in all: what the database is to write."""
    found: list[DataMart] = []
    while more := marts.page(session, caller, len(found)).marts:
        found += more
    kept = [mart for mart in found if has_owners is None or bool(mart.owners) == has_owners]
    part = [shapes.mart(mart, alias) for mart in kept[offset : offset + marts.PAGE_SIZE]]
    return json.dumps(part, ensure_ascii=False, separators=(",", ":")), len(part), len(kept)


def written(session: Session, caller: Caller, *wanted: Any) -> tuple[str, int, int]:
    """The same as the database writes it."""
    page = mart_list.page(session, caller, *wanted)
    return page.items, page.count, page.total


def add_marts(stage: Stage, many: int, **values: Any) -> list[str]:
    """Data marts of the cast's project, each a second older than the one before; return their ids."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    ids = [new_id() for _ in range(many)]
    with stage.session() as session:
        storage = Storage(project_id=stage.cast.project_id, type="POSTGRESQL", title="Ware\"house", config={},
                          created_at=at, modified_at=at)  # fmt: skip
        session.add(storage)
        session.flush()
        usual = {
            "storage_id": storage.id,
            "title": "Another",
            "status": "PUBLISHED",
            "fields": [{"name": "a", "type": "X"}],
        }
        for number, mart_id in enumerate(ids):
            own = {name: value[number] if isinstance(value, list) else value for name, value in values.items()}
            moment = at - timedelta(seconds=number)
            session.add(DataMart(id=mart_id, project_id=stage.cast.project_id,
                                 **(usual | {"created_at": moment, "modified_at": moment} | own)))  # fmt: skip
    return ids


def add_owners(stage: Stage, mart_id: str, *owners: tuple[str, Owner]) -> None:
    """Let members of the cast own a data mart."""
    with stage.session() as session:
        session.add_all(
            DataMartOwner(data_mart_id=mart_id, member_id=stage[name].member_id, kind=kind) for name, kind in owners
        )


def callers(stage: Stage, session: Session) -> dict[str, Caller]:
    """Everybody of the cast."""
    return {
        name: members.caller_in(session, stage[name].member_id, stage[name].project_id)
        for name in ("alice", "bob", "vera", "charlie")
    }


def compare_everything(stage: Stage) -> set[int]:
    """Compare the list for everybody, with every filter and alias; return how many data marts were seen."""
    seen = set()
    with Session(stage.engine) as session:
        for caller, alias, offset, has_owners in product(
            callers(stage, session).values(), ("AWS_REDSHIFT", None), (0, 2, 10_000), (None, True, False)
        ):
            expected = from_objects(session, caller, alias, offset, has_owners)
            assert written(session, caller, alias, offset, has_owners) == expected
            seen.add(expected[2])
    return seen


def test_the_list_of_the_cast_is_written_as_from_objects(stage: Stage):
    """Z2: for everybody, with every filter."""
    assert compare_everything(stage) == {0, 1, 2, 3, 4, 5}


def test_any_text_is_written_as_from_objects(stage: Stage):
    """I5."""
    ids = add_marts(stage, len(TEXTS), title=list(TEXTS), description=[*TEXTS[1:], None])
    with stage.session() as session:
        session.get_one(Member, stage["vera"].member_id).name = TEXTS[2] + TEXTS[4]
        session.get_one(Member, stage["bob"].member_id).email = TEXTS[5] + TEXTS[6]
    add_owners(stage, ids[0], ("vera", Owner.BUSINESS), ("bob", Owner.TECHNICAL))

    compare_everything(stage)


def test_any_moment_is_written_as_from_objects(stage: Stage):
    add_marts(stage, len(MOMENTS), created_at=list(MOMENTS), modified_at=list(reversed(MOMENTS)))

    compare_everything(stage)


def test_owners_of_both_kinds_are_written_in_their_order(stage: Stage):
    ids = add_marts(stage, 4, created_by_id=[None, stage["bob"].member_id, stage["charlie"].member_id, None])
    everybody = [(name, kind) for name in ("vera", "alice", "bob") for kind in Owner]
    add_owners(stage, ids[0], *everybody)
    add_owners(stage, ids[1], *everybody[:3])
    add_owners(stage, ids[2], ("bob", Owner.BUSINESS))

    compare_everything(stage)


def test_every_state_of_a_data_mart_is_written_as_from_objects(stage: Stage):
    """Z2: deleted ones are not there."""
    flags = list(
        product((True, False), (True, False), ("DRAFT", "PUBLISHED"), (None, "SQL", "TABLE", "VIEW"), (None, 1))
    )
    add_marts(
        stage,
        len(flags),
        available_for_reporting=[flag[0] for flag in flags],
        available_for_maintenance=[flag[1] for flag in flags],
        status=[flag[2] for flag in flags],
        definition_type=[flag[3] for flag in flags],
        deleted_at=[flag[4] and datetime.now(UTC) for flag in flags],
    )

    assert max(compare_everything(stage)) == 5 + len(flags) // 2


def test_pages_have_a_thousand_and_equal_moments_are_ordered_by_id(stage: Stage):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    add_marts(stage, 1202, created_at=[at - timedelta(hours=number // 3) for number in range(1202)])
    with Session(stage.engine) as session:
        alice = callers(stage, session)["alice"]

        pages = [mart_list.page(session, alice, None, offset) for offset in (0, 1000, 1206, 1207, 2**40)]
        first, second = (from_objects(session, alice, None, offset, None) for offset in (0, 1000))

    assert [(page.count, page.total) for page in pages] == [(1000, 1207), (207, 1207), (1, 1207), (0, 1207), (0, 1207)]
    assert (pages[0].items, pages[1].items) == (first[0], second[0])
    assert pages[3].items == "[]"


@pytest.mark.parametrize("query", ["", "?ownerFilter=has_owners", "?offset=1&ownerFilter=no_owners", "?offset=99"])
def test_the_api_answers_that_text_with_one_statement(query: str, stage: Stage):
    """contract.md 3.2."""
    reader = actors.by_key(stage, stage["alice"], "alice")
    statements: list[str] = []
    event.listen(stage.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

    answer = reader.send("GET", f"/api/data-marts{query}")

    assert answer.status_code == 200
    body = answer.get_json()
    assert answer.text == json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    assert list(body) == ["items", "total", "nextOffset"]
    # That the key was used is noted beside the request.
    assert len([statement for statement in statements if not statement.startswith(("BEGIN", "UPDATE api_key"))]) == 1


def test_the_api_says_where_the_next_page_begins(stage: Stage):
    add_marts(stage, 1100)
    reader = actors.by_key(stage, stage["alice"], "alice")

    bodies = [reader.send("GET", f"/api/data-marts?offset={offset}").get_json() for offset in (0, 1000, 1105, 9999)]

    assert [(len(body["items"]), body["total"], body["nextOffset"]) for body in bodies] == [
        (1000, 1105, 1000), (105, 1105, None), (0, 1105, None), (0, 1105, None),
    ]  # fmt: skip
