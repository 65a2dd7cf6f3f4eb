"""The list: search, status filter, order, pages, and names that are only ever text."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cast import Stage
from tests.web.browsing import HTMX, Visit, elements, visit

NAMES = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "' onmouseover='alert(1)",
    "<a hx-get=/ hx-trigger=load>x</a>", "<div hx-on:load=alert(1)>", "<hx-partial hx-target=body>x</hx-partial>",
    "{{ 7 * 7 }}", "{% include 'base.html' %}", "javascript:alert(1)", "<!--", "]]>", "&lt;b&gt;", "\u202egnp.exe",
    "<iframe srcdoc='<script>alert(1)</script>'>", "</dialog><form action=https://evil.example>", "🔑" * 50, "a" * 100,
]  # fmt: skip


def ids(person: Visit, query: str = "") -> list[str]:
    """The keys of the list, top to bottom."""
    answer = person.get(f"{person.keys}{query}", headers=HTMX)
    assert answer.status_code == 200
    return [(found["id"] or "")[4:] for tag, found in elements(answer) if tag == "tr" and found.get("id")]


@pytest.fixture
def states(stage: Stage) -> dict[str, str]:
    """One key of alice's in each state, by state."""
    at = datetime.now(UTC) - timedelta(hours=1)
    made = {state: stage.more("alice", f"{state} key").key_id for state in ("suspended", "expired", "revoked")}
    stage.set_key(made["suspended"], suspended_at=at)
    stage.set_key(made["expired"], expires_at=at)
    stage.set_key(made["revoked"], revoked_at=at, expires_at=at, suspended_at=at)
    return made | {"active": stage["alice"].key_id}


def test_each_status_shows_its_keys(stage: Stage, states: dict[str, str]):
    alice = visit(stage, "alice")

    shown = {status: ids(alice, f"?status={status}") for status in states}

    assert shown == {status: [key_id] for status, key_id in states.items()}
    assert sorted(ids(alice, "?status=all")) == sorted(states.values())
    assert ids(alice) == [states["active"]]


@pytest.mark.parametrize(
    "query",
    ["?status=x", "?sort=x", "?sort=digest", "?sort=-created;--", "?page=0", "?page=-1", "?page=99999999999", "?page=٢",
     "?page=x", "?status=active&status=revoked", "?q=%00", "?unknown=1", "?sort=%00"],
)  # fmt: skip
def test_what_makes_no_sense_in_the_address_counts_as_not_there(query: str, shared_stage: Stage):
    """I4, I9, Z7."""
    assert ids(visit(shared_stage, "alice"), query) == [shared_stage["alice"].key_id]


def test_search_looks_at_names_and_ids(stage: Stage):
    alice = visit(stage, "alice")
    percent, plain = stage.more("alice", "100% Nightly_job").key_id, stage.more("alice", "Other").key_id

    found = {
        text: ids(alice, f"?q={text}") for text in ("nightly", "%25", "_job", plain[6:20], "'%20OR%201=1", "no%20such")
    }

    assert found["nightly"] == found["%25"] == found["_job"] == [percent]
    assert found[plain[6:20]] == [plain]
    assert found["'%20OR%201=1"] == found["no%20such"] == []


def test_an_empty_result_says_what_to_do(stage: Stage):
    alice = visit(stage, "alice")

    nothing, revoked = alice.get(f"{alice.keys}?q=zzz").text, alice.get(f"{alice.keys}?status=revoked").text

    assert "No API key matches" in nothing
    assert "“zzz”" in nothing
    assert "No revoked API key" in revoked
    assert "Show all states" in revoked


@pytest.mark.parametrize(
    ("path", "search", "says"),
    [
        ("api-keys", "zzz", "in its name. IDs are searched from 4 characters on.</p>"),
        ("api-keys", "zzzz", "in its name or ID. </p>"),
        (
            "all-api-keys",
            "zzz",
            "in its name, or its owner’s name or address. IDs are searched from 4 characters on.</p>",
        ),
        ("all-api-keys", "zzzz", "in its name or ID, or its owner’s name or address. </p>"),
    ],
)
def test_an_empty_result_says_where_it_looked(path: str, search: str, says: str, shared_stage: Stage):
    alice = visit(shared_stage, "alice")

    assert says in " ".join(alice.get(f"{alice.home}/settings/{path}?q={search}").text.split())


def test_orders_run_both_ways_and_never_comes_last(stage: Stage):
    alice, at = visit(stage, "alice"), datetime.now(UTC)
    first = stage["alice"].key_id
    soon = stage.more("alice", "B", at + timedelta(days=1)).key_id
    late = stage.more("alice", "c", at + timedelta(days=9)).key_id
    stage.set_key(soon, created_at=at + timedelta(seconds=1), last_used_at=at)
    stage.set_key(late, created_at=at + timedelta(seconds=2))

    orders = {
        sort: ids(alice, f"?sort={sort}") for sort in ("name", "-name", "created", "-created", "expires", "-expires")
    }

    assert orders["name"] == orders["created"] == [first, soon, late]
    assert orders["-name"] == orders["-created"] == [late, soon, first]
    assert orders["expires"] == [soon, late, first]
    assert orders["-expires"] == [first, late, soon]
    assert ids(alice, "?sort=-used")[0] == soon


def test_pages_say_how_many_there_are(stage: Stage):
    alice = visit(stage, "alice")
    for number in range(44):
        stage.more("alice", f"key {number}")

    pages = [ids(alice, f"?page={number}") for number in (1, 2, 3, 4)]
    text = alice.get(f"{alice.keys}?page=2").text

    assert [len(page) for page in pages] == [20, 20, 5, 5]
    assert len({key_id for page in pages[:3] for key_id in page}) == 45
    assert "Page 2 of 3, 45 API keys" in text
    assert "Previous" in text
    assert "Next" in text


def test_last_use_says_when_from_where_and_by_which_client(stage: Stage):
    alice = visit(stage, "alice")
    moment = datetime.now(UTC) - timedelta(minutes=5)
    stage.set_key(
        stage["alice"].key_id, last_used_at=moment, last_used_address="192.0.2.7", last_used_client="owox-ctl/1"
    )

    text = alice.get(alice.keys).text

    assert "5 minutes ago" in text
    assert text.count("192.0.2.7 · owox-ctl/1") == 2, "the line may be cut, its title is not"


def test_names_are_only_ever_text(stage: Stage):
    """W8: whatever a key is called, every page is made of the same elements with the same attributes."""
    alice = visit(stage, "alice")
    calm = pages(alice, "calm")

    for name in NAMES:
        assert pages(alice, name) == calm, name


def pages(person: Visit, name: str) -> list[list[tuple[str, list[str]]]]:
    """What the pages about a new key of that name are made of: the answer to creating, dialogs, list."""
    answers = [person.send(f"{person.keys}/create", name=name)]
    key_id = ids(person)[0]
    answers += [person.get(f"{person.keys}/{key_id}/{act}") for act in ("rename", "revoke")]
    answers += [person.get(person.keys), person.send(f"{person.keys}/{key_id}/revoke", headers=HTMX)]
    return [[(tag, sorted(found)) for tag, found in elements(answer)] for answer in answers]
