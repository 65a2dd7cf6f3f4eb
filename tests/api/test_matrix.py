"""Who gets what from which route: every route of the app, by everybody who may come."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import pytest

from tests.api import actors
from tests.api.actors import Actor
from tests.api.things import a_destination, a_mart, a_storage
from tests.cast import Person, Stage, Stages, end_membership
from tests.people import joined, signed_in, waiting

PROJECT = "/projects/<project_id>"
KEYS = f"{PROJECT}/settings/api-keys"
MEMBERS = f"{PROJECT}/members"
MEMBER_ACTS = tuple(f"<member_id>/{act}" for act in ("role", "disable", "remove", "enable"))
WITHDRAW = "invitations/<invitation_id>/withdraw"
API_MEMBERS = "/api/members"
API_KEYS = "/api/project-member-api-keys"
DESTINATIONS = "/api/data-destinations"
ONE_DESTINATION = f"{DESTINATIONS}/<destination_id>"
MARTS = "/api/data-marts"
ONE_MART = f"{MARTS}/<mart_id>"
STORAGES = "/api/data-storages"
ONE_STORAGE = f"{STORAGES}/<storage_id>"


class Expected(NamedTuple):
    """Statuses, for each kind of caller."""

    nobody: int
    member: int
    charlie: int
    removed: int
    key: int
    charlies_key: int
    dead_key: int
    viewer: int | None = None  # by cookie or key, where that is not what other members get
    admin: int | None = None
    cookie_only: bool = False  # so that no role helps a key

    def of(self, column: str, who: str) -> int:
        """What somebody gets."""
        role = {"vera": self.viewer, "alice": self.admin}.get(who.partition("'")[0])
        status: int = getattr(self, column) if role is None or column not in self._by_role() else role
        return status

    def _by_role(self) -> set[str]:
        return {"member"} if self.cookie_only else {"member", "key"}


def same(status: int) -> Expected:
    """A route that answers everybody alike."""
    return Expected(*[status] * 7)


#                                                          nobody member charlie removed key charlie's dead
FOR_PAGES = {"nobody": 303, "key": 303, "charlies_key": 303, "dead_key": 303}  # a page asks for a cookie, and only that
READ_BY_ALL = Expected(401, 200, 200, 403, 200, 200, 401)
OF_A_MART = READ_BY_ALL._replace(charlie=404, charlies_key=404)
CHANGE_OF_A_MART = OF_A_MART._replace(viewer=403)
OF_A_STORAGE = OF_A_MART._replace(viewer=403)
MADE = {"member": 201, "charlie": 201, "key": 201, "charlies_key": 201}
PAGE = Expected(member=200, charlie=404, removed=404, **FOR_PAGES)
CHANGE = Expected(member=303, charlie=404, removed=404, **FOR_PAGES)
ADMINS_PAGE = PAGE._replace(member=403, admin=200, cookie_only=True)
ADMINS_CHANGE = CHANGE._replace(member=403, admin=303, cookie_only=True)
FOR_COOKIES = Expected(401, 403, 200, 403, 403, 403, 401, cookie_only=True)
ACCOUNT = Expected(member=303, charlie=303, removed=303, **FOR_PAGES)
EXPECTED = {
    ("GET", "/static/<path:filename>"): same(200),
    ("GET", "/health/live"): same(200),
    ("GET", "/health/ready"): same(200),
    ("GET", "/api/openapi.json"): same(200),
    ("GET", "/api/openapi.yaml"): same(200),
    ("GET", "/api/swagger-ui"): same(200),
    ("POST", "/api/auth/api-keys/exchange"): same(401),
    ("GET", "/api/auth/context"): READ_BY_ALL,
    ("GET", "/api/data-marts"): READ_BY_ALL,
    ("POST", MARTS): OF_A_MART._replace(member=201, key=201, viewer=403),
    ("GET", ONE_MART): OF_A_MART,
    ("PUT", f"{ONE_MART}/definition"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/publish"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/unpublish"): CHANGE_OF_A_MART,
    ("POST", f"{ONE_MART}/schema/refresh"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/schema"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/title"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/description"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/sharing"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/owners"): CHANGE_OF_A_MART,
    ("DELETE", ONE_MART): CHANGE_OF_A_MART,
    ("GET", STORAGES): READ_BY_ALL,
    ("POST", STORAGES): READ_BY_ALL._replace(**MADE, viewer=403),
    ("GET", ONE_STORAGE): OF_A_STORAGE,
    ("PUT", ONE_STORAGE): OF_A_STORAGE,
    ("PUT", f"{ONE_STORAGE}/sharing"): OF_A_STORAGE,
    ("PUT", f"{ONE_STORAGE}/owners"): OF_A_STORAGE,
    ("POST", f"{ONE_STORAGE}/test"): OF_A_STORAGE,
    ("DELETE", ONE_STORAGE): OF_A_STORAGE,
    ("GET", DESTINATIONS): READ_BY_ALL,
    ("POST", DESTINATIONS): READ_BY_ALL._replace(**MADE, viewer=403),
    ("GET", ONE_DESTINATION): OF_A_STORAGE,
    ("PUT", ONE_DESTINATION): OF_A_STORAGE,
    ("POST", f"{ONE_DESTINATION}/rotate-secret-key"): OF_A_STORAGE,
    ("PUT", f"{ONE_DESTINATION}/sharing"): OF_A_STORAGE,
    ("PUT", f"{ONE_DESTINATION}/owners"): OF_A_STORAGE,
    ("DELETE", ONE_DESTINATION): OF_A_STORAGE,
    ("GET", "/api/external/http-data/data-marts/<mart_id>.ndjson"): OF_A_MART,
    ("GET", API_KEYS): Expected(401, 200, 200, 403, 403, 403, 401),
    ("POST", API_KEYS): Expected(401, 201, 201, 403, 403, 403, 401),
    ("PATCH", f"{API_KEYS}/<key_id>"): Expected(401, 200, 404, 403, 403, 403, 401),
    ("POST", f"{API_KEYS}/<key_id>/rotate"): Expected(401, 201, 404, 403, 403, 403, 401),
    ("DELETE", f"{API_KEYS}/<key_id>"): Expected(401, 204, 404, 403, 403, 403, 401),
    ("GET", API_MEMBERS): FOR_COOKIES._replace(member=200),
    ("POST", f"{API_MEMBERS}/invite"): FOR_COOKIES._replace(admin=202, charlie=202),
    ("PUT", f"{API_MEMBERS}/<member_id>"): FOR_COOKIES._replace(admin=200, charlie=404),
    ("DELETE", f"{API_MEMBERS}/<member_id>"): FOR_COOKIES._replace(admin=204, charlie=404),
    ("GET", "/"): Expected(member=302, charlie=302, removed=403, **FOR_PAGES),
    ("GET", "/sign-in"): Expected(200, 302, 302, 302, 200, 200, 200),
    ("POST", "/sign-in"): same(422),
    ("POST", "/sign-out"): Expected(member=303, charlie=303, removed=303, **FOR_PAGES),
    ("GET", "/setup/<token>"): same(404),
    ("POST", "/setup/<token>"): same(404),
    ("GET", "/invitations/<token>"): same(404),
    ("POST", "/invitations/<token>"): same(404),
    ("GET", "/account"): ACCOUNT._replace(member=200, charlie=200, removed=200),
    ("POST", "/account/name"): ACCOUNT,
    ("POST", "/account/password"): ACCOUNT._replace(member=422, charlie=422, removed=422),
    ("POST", "/account/sign-ins/<sign_in_id>/end"): ACCOUNT._replace(charlie=404),
    ("POST", "/account/sign-ins/end"): ACCOUNT,
    ("GET", MEMBERS): ADMINS_PAGE,
    ("GET", f"{MEMBERS}/invite"): ADMINS_PAGE,
    ("POST", f"{MEMBERS}/invite"): ADMINS_CHANGE._replace(admin=422),
    **{("GET", f"{MEMBERS}/{act}"): ADMINS_PAGE for act in (*MEMBER_ACTS[:3], WITHDRAW)},
    **{("POST", f"{MEMBERS}/{act}"): ADMINS_CHANGE for act in (*MEMBER_ACTS, WITHDRAW)},
    ("GET", PROJECT): PAGE,
    ("GET", f"{PROJECT}/settings"): PAGE,
    ("GET", KEYS): PAGE,
    ("GET", f"{KEYS}/create"): PAGE,
    ("POST", f"{KEYS}/create"): CHANGE._replace(member=201),
    ("GET", f"{KEYS}/<key_id>/rename"): PAGE,
    ("POST", f"{KEYS}/<key_id>/rename"): CHANGE,
    ("GET", f"{KEYS}/<key_id>/revoke"): PAGE,
    ("POST", f"{KEYS}/<key_id>/revoke"): CHANGE,
    ("POST", f"{KEYS}/<key_id>/replace"): CHANGE._replace(member=201),
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/auth/api-keys/exchange"): {"json": {"apiKeySecret": "x"}},
    ("POST", API_KEYS): {"json": {"name": "from the matrix"}},
    ("PATCH", f"{API_KEYS}/<key_id>"): {"json": {"name": "renamed"}},
    ("POST", STORAGES): {"json": {"type": "DUCKDB"}},
    ("PUT", ONE_STORAGE): {"json": {"title": "renamed"}},
    ("PUT", f"{ONE_STORAGE}/sharing"): {"json": {"availableForUse": True, "availableForMaintenance": False}},
    ("PUT", f"{ONE_STORAGE}/owners"): {"json": {"ownerIds": []}},
    ("PUT", f"{ONE_MART}/definition"): {
        "json": {"definitionType": "SQL", "definition": {"sqlQuery": "SELECT id FROM orders"}}
    },
    ("PUT", f"{ONE_MART}/schema"): {"json": {"fields": [{"name": "id", "hidden": True}]}},
    ("PUT", f"{ONE_MART}/title"): {"json": {"title": "renamed"}},
    ("PUT", f"{ONE_MART}/description"): {"json": {"description": "changed"}},
    ("PUT", f"{ONE_MART}/sharing"): {"json": {"availableForReporting": False, "availableForMaintenance": False}},
    ("PUT", f"{ONE_MART}/owners"): {"json": {"technicalOwnerIds": []}},
    ("POST", DESTINATIONS): {"json": {"type": "LOOKER_STUDIO", "title": "from the matrix"}},
    ("PUT", ONE_DESTINATION): {"json": {"title": "renamed"}},
    ("PUT", f"{ONE_DESTINATION}/sharing"): {"json": {"availableForUse": True, "availableForMaintenance": False}},
    ("PUT", f"{ONE_DESTINATION}/owners"): {"json": {"ownerIds": []}},
    ("POST", f"{KEYS}/create"): {"data": {"name": "from the matrix", "form_token": "f" * 24}},
    ("POST", f"{KEYS}/<key_id>/rename"): {"data": {"name": "renamed"}},
    ("POST", f"{KEYS}/<key_id>/replace"): {"data": {"form_token": "g" * 24}},
    ("POST", f"{API_MEMBERS}/invite"): {"json": {"email": "new@example.com", "role": "viewer"}},
    ("PUT", f"{API_MEMBERS}/<member_id>"): {"json": {"role": "editor"}},
    ("POST", "/account/name"): {"data": {"name": "from the matrix"}},
    ("POST", f"{MEMBERS}/{MEMBER_ACTS[0]}"): {"data": {"role": "editor"}},
}


class Callers(NamedTuple):
    """The stages that everybody comes from: one as the cast was made, one without bob."""

    whole: Stage
    without_bob: Stage

    def all(self) -> dict[str, tuple[str, Actor]]:
        """Everybody, with the column of the table that speaks of them."""
        whole, rest = self
        key = actors.by_key
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
        }


@pytest.fixture(scope="module")
def callers(shared_stage: Stage, stages: Stages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    """Everybody, on the same kind of database."""
    backend = "sqlite" if shared_stage.url.startswith("sqlite") else "postgresql"
    with stages.copy(backend, tmp_path_factory.mktemp("without-bob")) as other:
        end_membership(other, "bob")
        yield Callers(shared_stage, other)


def test_every_route_of_the_app_stands_in_the_table(shared_stage: Stage):
    """Z1."""
    found = {
        (method, rule.rule)
        for rule in shared_stage.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert found == set(EXPECTED)


@pytest.mark.parametrize(("method", "rule"), EXPECTED, ids=[f"{method} {rule}" for method, rule in EXPECTED])
def test_a_route_gives_everybody_what_the_table_says(method: str, rule: str, callers: Callers):
    """Z1, Z2, Z4, K14: and whoever is refused changes nothing."""
    expected, seen = EXPECTED[method, rule], {}

    for who, (column, actor) in callers.all().items():
        target = actor.stage[actor.person] if actor.stage is callers.without_bob else actor.stage.more(actor.person)
        before = _state(actor.stage, target)
        body = {**_body(actor.stage, method, rule), "environ_base": {"REMOTE_ADDR": _address(who)}}
        with actor.send(method, _path(rule, actor, target.key_id), **body) as answer:
            seen[who] = (answer.status_code, expected.of(column, who))
        if answer.status_code >= 400 or column in ("nobody", "dead_key"):
            assert _state(actor.stage, target) == before

    assert {who: pair for who, pair in seen.items() if pair[0] != pair[1]} == {}


def _state(stage: Stage, target: Person) -> tuple[int, str, datetime | None]:
    """What nobody without permission may change."""
    key = stage.key(target.key_id)
    return stage.key_count(), key.name, key.revoked_at


def _body(stage: Stage, method: str, rule: str) -> dict[str, Any]:
    """What is sent to a route."""
    if (method, rule) == ("POST", MARTS):
        return {"json": {"title": "from the matrix", "storageId": a_storage(stage)}}
    return BODIES.get((method, rule), {})


def _path(rule: str, actor: Actor, key_id: str) -> str:
    """The address of a route about a member of the project and a key of theirs."""
    stage = actor.stage
    for name, value in {
        "<project_id>": stage.cast.project_id,
        "<key_id>": key_id,
        "<mart_id>": a_mart(stage, available_for_reporting=True) if _changes_mart(rule) else stage.cast.marts["Orders"],
        "<storage_id>": a_storage(stage) if "<storage_id>" in rule else "",
        "<destination_id>": a_destination(stage) if "<destination_id>" in rule else "",
        "<member_id>": joined(stage) if "<member_id>" in rule else "",
        "<invitation_id>": waiting(stage) if "<invitation_id>" in rule else "",
        "<sign_in_id>": signed_in(stage, actor.person) if "<sign_in_id>" in rule else "",
        "<path:filename>": "app.css",
        "<token>": "t" * 43,
    }.items():
        rule = rule.replace(name, value)
    return rule


def _changes_mart(rule: str) -> bool:
    return rule.startswith(ONE_MART) and "run" not in rule


def _address(who: str) -> str:
    return f"10.1.{len(who)}.{sum(map(ord, who)) % 256}"
