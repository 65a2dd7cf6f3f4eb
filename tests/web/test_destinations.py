"""The pages of destinations: the list, creating and editing, and the secret key of Looker Studio."""

import json
import re
import secrets

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import AuditEvent, Destination
from owox.services import destinations
from tests.api.things import a_destination
from tests.cast import Stage
from tests.services.acts import acting
from tests.web.browsing import HTMX, elements, fields, visit

CANARY = secrets.token_hex(16)
KEY_FILE = json.dumps(
    {
        "type": "service_account",
        "client_email": "robot@example.com",
        "project_id": "shop-1",
        "private_key": f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----",
    }
)
WEBHOOK = f"https://hooks.example.com/services/{CANARY}"
ENTERED = {  # what is typed, and what the page then shows of it
    "GOOGLE_SHEETS": ({"serviceAccountKey": KEY_FILE}, ["robot@example.com", "shop-1"]),
    "EMAIL": ({"to": "a@example.com\r\nb@example.com"}, ["a@example.com, b@example.com"]),
    "SLACK": ({"webhookUrl": WEBHOOK}, ["hooks.example.com"]),
    "MS_TEAMS": ({"webhookUrl": WEBHOOK}, ["hooks.example.com"]),
    "GOOGLE_CHAT": ({"webhookUrl": f" {WEBHOOK} "}, ["hooks.example.com"]),
}


def found(stage: Stage, title: str) -> Destination:
    """The destination with this title, as it is stored."""
    with Session(stage.engine) as session:
        return session.scalars(select(Destination).where(Destination.title == title)).one()


def secret_of(stage: Stage, title: str) -> str:
    """What is sealed for it."""
    row = found(stage, title)
    return str(stage.services.keeper.vault.open(row.id, row.secret))


def shown_secret(text: str) -> str:
    """The secret key on a page."""
    match = re.search(r'id="secret-key"[^>]* value="([\w-]{43})"', text)
    return match[1] if match else ""


@pytest.mark.parametrize(("name", "seen"), [("alice", 2), ("bob", 2), ("vera", 1)])
def test_the_list_holds_what_the_role_may_see(name: str, seen: int, stage: Stage):
    """contract.md 6.4."""
    a_destination(stage)
    someone = visit(stage, name)

    text = someone.get(f"{someone.home}/destinations").text

    assert ("Weekly mail" in text, "Looker Studio" in text) == (True, seen == 2)
    assert f"{seen} destination" in text
    assert ("Create destination" in text) is (name != "vera")


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
@pytest.mark.parametrize("kind", ENTERED)
def test_creating_leads_to_the_destinations_page_which_shows_no_secret(
    kind: str, headers: dict[str, str] | None, stage: Stage
):
    """K2."""
    bob, (typed, shown) = visit(stage, "bob"), ENTERED[kind]

    answer = bob.send(f"{bob.home}/destinations/create", headers=headers, title="New", type=kind, **typed)

    address = answer.headers["HX-Redirect"] if headers else answer.location
    texts = [bob.get(path).text for path in (address, f"{address.partition('?')[0]}/edit", f"{bob.home}/destinations")]
    assert address == f"{bob.home}/destinations/{found(stage, 'New').id}?done=created"
    assert "The destination is created." in texts[0]
    assert all(part in texts[0] for part in shown)
    assert all(CANARY not in text for text in (answer.text, *texts))


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("EMAIL", {"title": ""}, "Enter a title."),
        ("EMAIL", {"title": "x" * 256}, "at most 255"),
        ("FAX", {}, "not one of the choices"),
        ("GOOGLE_SHEETS", {"serviceAccountKey": " "}, "Enter what the key file holds."),
        ("GOOGLE_SHEETS", {"serviceAccountKey": f'{{"private_key": "{CANARY}"'}, "Key file must be the JSON of a"),
        ("GOOGLE_SHEETS", {"serviceAccountKey": KEY_FILE.replace("robot@", "")}, "Key file must be the JSON of a"),
        (
            "GOOGLE_SHEETS",
            {"serviceAccountKey": KEY_FILE.replace("shop-1", "s" * 9_000)},
            "Key file must be the JSON of a",
        ),
        ("EMAIL", {"to": " \r\n"}, "Enter one e-mail address at least."),
        (
            "EMAIL",
            {"to": "a@example.com, nobody"},
            "To must hold e-mail addresses only; this is none: &#34;nobody&#34;.",
        ),
        ("EMAIL", {"to": "\n".join(f"a{n}@example.com" for n in range(51))}, "To must be a list of 1 to 50"),
        ("SLACK", {"webhookUrl": ""}, "Enter the webhook&#39;s address."),
        ("SLACK", {"webhookUrl": WEBHOOK.replace("https", "http")}, "Webhook address must start with https://"),
        ("MS_TEAMS", {"webhookUrl": f"https://{CANARY}@hooks.example.com/"}, "with no user, password or space."),
        ("GOOGLE_CHAT", {"webhookUrl": f"https://[{CANARY}"}, "with no user, password or space."),
    ],
)
def test_a_bad_value_is_said_at_its_field_and_all_but_secrets_stays(
    kind: str, typed: dict[str, str], said: str, shared_stage: Stage
):
    """K2: 422, nothing made, and no secret in the answer."""
    alice = visit(shared_stage, "alice")
    sent = {"title": "Kept", "to": "kept@example.com", "webhookUrl": WEBHOOK, "serviceAccountKey": KEY_FILE} | typed
    before = alice.get(f"{alice.home}/destinations").text.count("<tr")

    answer = alice.send(f"{alice.home}/destinations/create", type=kind, **sent)

    shown = fields(answer)
    assert answer.status_code == 422
    assert said in answer.text
    assert (shown["title"], shown["to"]) == (sent["title"], sent["to"])
    assert (shown["webhookUrl"], shown.get("serviceAccountKey", "")) == ("", "")
    assert CANARY not in answer.text
    assert alice.get(f"{alice.home}/destinations").text.count("<tr") == before


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_a_secret_key_is_shown_once_when_it_is_made(headers: dict[str, str] | None, stage: Stage):
    """K5, K2: created and rotated; a former one is forgotten."""
    bob = visit(stage, "bob")

    made = bob.send(f"{bob.home}/destinations/create", headers=headers, title="Report", type="LOOKER_STUDIO")
    first = shown_secret(made.text)
    first_stored = first in secret_of(stage, "Report")
    one = f"{bob.home}/destinations/{found(stage, 'Report').id}"
    rotated = bob.send(f"{one}/rotate-secret-key", headers=headers)
    second = shown_secret(rotated.text)

    assert (made.status_code, rotated.status_code) == (201, 200)
    assert {made.headers["Cache-Control"], rotated.headers["Cache-Control"]} == {"no-store"}
    assert first_stored
    assert first != second
    assert second in secret_of(stage, "Report")
    assert first not in secret_of(stage, "Report")
    texts = [bob.get(f"{one}{end}").text for end in ("", "/edit", "/rotate-secret-key", "/sharing")]
    with stage.session() as session:
        kept = str([vars(event) for event in session.scalars(select(AuditEvent))])
    assert all(key not in text for key in (first, second) for text in (*texts, kept))


def test_a_form_that_comes_twice_makes_one_destination(stage: Stage):
    """K17: the second answer has no secret, and says where to make a new one."""
    bob = visit(stage, "bob")
    form = fields(bob.get(f"{bob.home}/destinations/create")) | {"title": "Once", "type": "LOOKER_STUDIO"}

    first, second = (bob.client.post(f"{bob.home}/destinations/create", data=form) for _ in range(2))

    page = bob.get(second.location)
    assert (first.status_code, second.status_code) == (201, 303)
    assert "had created this destination before" in page.text
    assert "Make a new secret key" in page.text
    assert shown_secret(first.text) in secret_of(stage, "Once")


@pytest.mark.parametrize("kind", ENTERED)
def test_an_edit_that_leaves_a_secret_empty_keeps_it(kind: str, stage: Stage):
    """K2: the form shows all but secrets."""
    bob, (typed, shown) = visit(stage, "bob"), ENTERED[kind]
    bob.send(f"{bob.home}/destinations/create", title="Before", type=kind, **typed)
    one, before = f"{bob.home}/destinations/{found(stage, 'Before').id}", secret_of(stage, "Before")

    answer = bob.send(f"{one}/edit", title="After")

    assert (answer.status_code, answer.location) == (303, f"{one}?done=edited")
    assert secret_of(stage, "After") == before
    assert all(part in bob.get(one).text for part in shown)


def test_an_edit_replaces_what_is_entered(stage: Stage):
    bob = visit(stage, "bob")
    bob.send(f"{bob.home}/destinations/create", title="Mail", type="EMAIL", to="a@example.com")
    bob.send(f"{bob.home}/destinations/create", title="Chat", type="SLACK", webhookUrl=WEBHOOK)
    mail, chat = (f"{bob.home}/destinations/{found(stage, title).id}/edit" for title in ("Mail", "Chat"))

    emptied = bob.send(mail, to="")
    bob.send(mail, to="c@example.com; c@example.com")
    bob.send(chat, webhookUrl="https://other.example.com/x")

    assert (emptied.status_code, "Enter one e-mail address" in emptied.text) == (422, True)
    assert found(stage, "Mail").config == {"to": ["c@example.com"]}
    assert found(stage, "Chat").config == {"webhookHost": "other.example.com"}


def test_only_looker_studio_has_a_secret_key_to_make_anew(stage: Stage):
    bob, mail = visit(stage, "bob"), a_destination(stage, "EMAIL")

    page = bob.get(f"{bob.home}/destinations/{mail}")
    answer = bob.post(f"{bob.home}/destinations/{mail}/rotate-secret-key")

    assert "secret key" not in page.text
    assert answer.status_code == 409
    assert "Only Looker Studio destinations have a secret key." in answer.text


def test_a_business_user_who_owns_a_destination_does_everything_with_it(stage: Stage):
    """contract.md 6.2."""
    vera, one_id = visit(stage, "vera"), a_destination(stage)
    with stage.session() as session:
        destinations.set_owners(session, acting(stage, "alice"), one_id, [stage["vera"].member_id])
    one = f"{vera.home}/destinations/{one_id}"

    links = {attributes.get("href") for _, attributes in elements(vera.get(one))}
    answers = [vera.send(f"{one}/edit", title="Vera's"), vera.send(f"{one}/rotate-secret-key")]

    assert {f"{one}/{act}" for act in ("edit", "sharing", "owners", "delete", "rotate-secret-key")} <= links
    assert [answer.status_code for answer in answers] == [303, 200]
    assert vera.get(f"{vera.home}/destinations/create").status_code == 403
