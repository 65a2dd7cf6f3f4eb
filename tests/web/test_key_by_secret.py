"""Finding a key by its secret, and searching for one in the wrong place."""

import base64
import re

import pytest
from werkzeug.test import TestResponse

from owox import keys
from tests.cast import Stage, end_membership
from tests.web.browsing import HTMX, visit

HALF_A_CHARACTER = keys.COMBINED_PREFIX + base64.urlsafe_b64encode(
    rb'{"apiOrigin":"http://x","apiKeyId":"\ud800","apiKeySecret":"\ud800"}'
).decode().rstrip("=")
NOTHING_FOUND = "No API key of {} has this secret."


def address(stage: Stage) -> str:
    """Where one asks."""
    return f"/projects/{stage.cast.project_id}/settings/find-api-key"


def paste(stage: Stage, who: str, given: str, **more: object) -> TestResponse:
    """Send a secret."""
    return visit(stage, who).send(address(stage), secret=given, **more)


def message(answer: TestResponse) -> str:
    """What is said at the field."""
    found = re.search(r'id="secret-error">([^<]+)', answer.text)
    return found[1] if found else ""


@pytest.mark.parametrize("form", ["secret", "combined", "spaced"])
def test_a_secret_leads_to_the_key_of_whoever_pastes_it(form: str, shared_stage: Stage):
    bob = shared_stage["bob"]
    given = {
        "secret": bob.secret,
        "combined": keys.combine("https://elsewhere.example", bob.key_id, bob.secret),
        "spaced": f"  {bob.secret}\n",
    }[form]

    answer = paste(shared_stage, "bob", given)

    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/settings/api-keys?q={bob.key_id}&status=all")
    assert f'id="key-{bob.key_id}"' in visit(shared_stage, "bob").get(answer.headers["Location"]).text


def test_an_admin_finds_everybodys_keys_of_the_project_also_of_those_who_left(stage: Stage):
    end_membership(stage, "bob")

    found = paste(stage, "alice", stage["bob"].secret, headers=HTMX)
    foreign = paste(stage, "alice", stage["charlie"].secret)

    assert found.headers["HX-Redirect"].endswith(f"/settings/all-api-keys?q={stage['bob'].key_id}&status=all")
    assert (foreign.status_code, message(foreign)) == (422, NOTHING_FOUND.format("this project"))


def test_others_find_their_own_keys_only(shared_stage: Stage):
    """Z2: a key of somebody else is as good as absent."""
    answer = paste(shared_stage, "bob", shared_stage["alice"].secret)

    assert (answer.status_code, message(answer)) == (422, NOTHING_FOUND.format("yours in this project"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "Paste what begins with owox_sec_ or owox_key_."),
        ("CI import", "Paste what begins with owox_sec_ or owox_key_."),
        ("owox_sec_" + "0" * 49, NOTHING_FOUND.format("yours in this project")),
        ("owox_key_abc", NOTHING_FOUND.format("yours in this project")),
        (HALF_A_CHARACTER, NOTHING_FOUND.format("yours in this project")),
        ("owox_sec_" + "x" * 10_000, NOTHING_FOUND.format("yours in this project")),
    ],
    ids=["empty", "a name", "a wrong sum", "cut", "half a character", "long"],
)  # fmt: skip
def test_what_belongs_to_no_key_is_said_and_not_repeated(given: str, said: str, shared_stage: Stage):
    """K7, W8."""
    answer = paste(shared_stage, "bob", given)

    assert (answer.status_code, message(answer)) == (422, said)
    assert not given or given not in answer.text


@pytest.mark.parametrize("section", ["settings/api-keys", "settings/all-api-keys", "members", "data-marts"])
@pytest.mark.parametrize("form", ["secret", "combined", "a part"])
def test_a_search_for_a_secret_leads_to_the_form_instead(form: str, section: str, shared_stage: Stage):
    """U4: an address is kept in histories and by proxies; the answer names no part of it."""
    alice = shared_stage["alice"]
    given = {
        "secret": alice.secret,
        "combined": keys.combine("https://x.example", alice.key_id, alice.secret),
        "a part": "my " + alice.secret[:20],
    }[form]
    browser = visit(shared_stage, "alice")
    home = f"/projects/{shared_stage.cast.project_id}/{section}"

    plain = browser.get(home, query_string={"q": given})
    part = browser.get(home, query_string={"q": given}, headers=HTMX)

    assert plain.headers["Location"] == part.headers["HX-Redirect"] == f"{address(shared_stage)}?searched=1"
    shown = browser.get(plain.headers["Location"]).text
    assert "You searched for a secret." in shown
    assert given not in plain.text + part.text + shown


def test_whoever_is_not_signed_in_carries_no_secret_to_the_sign_in(shared_stage: Stage):
    """U4."""
    home = f"/projects/{shared_stage.cast.project_id}/settings/api-keys"

    answer = shared_stage.app.test_client().get(home, query_string={"q": shared_stage["alice"].secret})

    assert answer.status_code == 303
    assert "owox_sec_" not in answer.headers["Location"]
