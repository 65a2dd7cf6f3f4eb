"""Who gets what from which route: every route of the app, by everybody who may come."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from owox.models import ApiKey
from owox.services.sign_ins import TERMINAL
from tests.api import actors
from tests.api.actors import Actor
from tests.api.calls import a_run
from tests.api.matrix import BODIES, EXPECTED
from tests.api.matrix.mart_pages import MART_PAGE
from tests.api.matrix.marts import MARTS, ONE_MART
from tests.api.matrix.projects import CANVAS
from tests.api.matrix.terminals import TERMINAL_PAGE
from tests.api.things import a_destination, a_mart, a_storage
from tests.cast import Person, Stage, Stages, end_membership
from tests.offered import a_wheel
from tests.people import joined, signed_in, waiting
from tests.terminals import asked

# These sign their caller out, or everybody: they come last, each with new callers.
ENDS_SIGN_INS = {
    ("POST", "/sign-out"),
    ("POST", "/account/sign-ins/<sign_in_id>/end"),
    ("POST", "/account/sign-ins/end"),
}
IN_TURN = sorted(EXPECTED, key=lambda route: route in ENDS_SIGN_INS)


class Callers(NamedTuple):
    """The stages that everybody comes from: one as the cast was made, one without bob."""

    whole: Stage
    without_bob: Stage
    bobs_terminal: Actor

    def all(self) -> dict[str, tuple[str, Actor]]:
        """Everybody, with the column of the table that speaks of them."""
        whole, rest, bobs_terminal = self
        key, terminal = actors.by_key, actors.by_terminal
        return {
            "nobody": ("nobody", actors.anonymous(whole)),
            **{name: ("member", actors.by_cookie(whole, name)) for name in ("vera", "bob", "alice")},
            "charlie": ("charlie", actors.by_cookie(whole, "charlie", person="vera")),
            "removed": ("removed", actors.by_cookie(rest, "bob")),
            **{f"{name}'s key": ("key", key(whole, whole[name], name)) for name in ("vera", "bob", "alice")},
            "charlie's key": ("charlies_key", key(whole, whole["charlie"], "vera")),
            "removed member's key": ("dead_key", key(rest, rest["bob"], "bob")),
            "expired key": ("dead_key", actors.expired_key(whole)),
            "revoked key": ("dead_key", actors.revoked_key(whole)),
            **{f"{name}'s terminal": ("terminal", terminal(whole, name)) for name in ("vera", "alice")},
            "charlie's terminal": ("charlies_terminal", terminal(whole, "charlie", "vera")),
            "removed member's terminal": ("dead_terminal", bobs_terminal),
            "terminal of earlier": ("dead_terminal", terminal(whole, "vera", since=datetime.now(UTC) - TERMINAL)),
        }


@pytest.fixture(scope="module")
def callers(shared_stage: Stage, stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    """Everybody, on the same kind of database."""
    backend = "sqlite" if shared_stage.url.startswith("sqlite") else "postgresql"
    with stages.copy(backend, tmp_path_factory.mktemp("without-bob")) as other:
        bobs_terminal = actors.by_terminal(other, "bob")
        end_membership(other, "bob")
        yield Callers(shared_stage, other, bobs_terminal)


@pytest.fixture(scope="module")
def everybody(callers: Callers) -> dict[str, tuple[str, Actor]]:
    """Everybody, once for all routes that leave them signed in."""
    return callers.all()


def test_every_route_of_the_app_stands_in_the_table(shared_stage: Stage):
    """Z1."""
    found = {
        (method, rule.rule)
        for rule in shared_stage.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert found == set(EXPECTED)


@pytest.mark.parametrize(("method", "rule"), IN_TURN, ids=[f"{method} {rule}" for method, rule in IN_TURN])
def test_a_route_gives_everybody_what_the_table_says(
    method: str, rule: str, callers: Callers, everybody: dict[str, tuple[str, Actor]]
):
    """Z1, Z2, Z4, K14, T6: and whoever is refused changes nothing."""
    expected, seen = EXPECTED[method, rule], {}

    for who, (column, actor) in (callers.all() if (method, rule) in ENDS_SIGN_INS else everybody).items():
        target = actor.stage[actor.person]
        if "<key_id>" in rule and actor.stage is callers.whole:
            target = actor.stage.more(actor.person)
        before = _state(actor.stage, target)
        body = {**_body(actor.stage, method, rule), "environ_base": {"REMOTE_ADDR": _address(who)}}
        with actor.send(method, _path(rule, actor, target.key_id), **body) as answer:
            seen[who] = (answer.status_code, expected.of(column, who))
        if answer.status_code >= 400 or column in ("nobody", "dead_key", "dead_terminal"):
            assert _state(actor.stage, target) == before

    assert {who: pair for who, pair in seen.items() if pair[0] != pair[1]} == {}


def _state(stage: Stage, target: Person) -> tuple[int, str, datetime | None]:
    """What nobody without permission may change."""
    count = select(func.count(ApiKey.id)).scalar_subquery()
    with stage.engine.connect() as connection:
        query = select(count, ApiKey.name, ApiKey.revoked_at).where(ApiKey.id == target.key_id)
        number, name, revoked_at = connection.execute(query).one()
    return number, name, revoked_at


def _body(stage: Stage, method: str, rule: str) -> dict[str, Any]:
    """What is sent to a route."""
    if (method, rule) == ("POST", MARTS):
        return {"json": {"title": "from the matrix", "storageId": a_storage(stage)}}
    if rule.startswith(TERMINAL_PAGE) and method == "POST":
        code = asked(stage, address=_address(uuid4().hex)).user_code
        return {"data": {"code": code, "name": "from the matrix", "project": stage.cast.project_id}}
    if rule.startswith(CANVAS):
        return {"query_string": {"storageId": a_storage(stage)}}
    return BODIES.get((method, rule), {})


def _path(rule: str, actor: Actor, key_id: str) -> str:
    """The address of a route about a member of the project and a key of theirs."""
    stage = actor.stage
    for name, value in {
        "<project_id>": stage.cast.project_id,
        "<key_id>": key_id,
        "<mart_id>": a_mart(stage, available_for_reporting=True) if _changes_mart(rule) else stage.cast.marts["Orders"],
        "<run_id>": a_run(stage, stage.cast.marts["Orders"]) if "<run_id>" in rule else "",
        "<storage_id>": a_storage(stage) if "<storage_id>" in rule else "",
        "<destination_id>": a_destination(stage) if "<destination_id>" in rule else "",
        "<thing_id>": _thing(stage, rule) if "<thing_id>" in rule else "",
        "<member_id>": joined(stage) if "<member_id>" in rule else "",
        "<invitation_id>": waiting(stage) if "<invitation_id>" in rule else "",
        "<sign_in_id>": signed_in(stage, actor.person) if "<sign_in_id>" in rule else "",
        "<path:filename>": "app.css",
        "<name>": a_wheel(stage).name if "<name>" in rule else "",
        "<token>": "t" * 43,
    }.items():
        rule = rule.replace(name, value)
    return rule


def _thing(stage: Stage, rule: str) -> str:
    return a_destination(stage) if "/destinations/" in rule else a_storage(stage)


def _changes_mart(rule: str) -> bool:
    return rule.startswith((ONE_MART, MART_PAGE)) and "run" not in rule


def _address(who: str) -> str:
    return f"10.1.{len(who)}.{sum(map(ord, who)) % 256}"
