"""The documentation page: its words are those of the dashboard, its example one that the reader may read."""

import re
from html import unescape

import pytest
from sqlalchemy import update

from owox.models import DataMart
from tests.cast import Stage
from tests.offered import a_wheel
from tests.web.browsing import SECRET, Visit, visit

LABEL = re.compile(r"<strong>([^<]+)</strong>")


def text_of(person: Visit) -> str:
    """The page as somebody sees it."""
    answer = person.get(f"{person.home}/docs")
    assert answer.status_code == 200
    return answer.text


def test_every_label_it_names_stands_in_the_dashboard(shared_stage: Stage):
    alice, key_id = visit(shared_stage, "alice"), shared_stage["alice"].key_id
    named = {unescape(label) for label in LABEL.findall(text_of(alice))}

    pages = [alice.get(alice.keys), *(alice.get(f"{alice.keys}/{act}") for act in ("create", f"{key_id}/revoke"))]
    pages.append(alice.send(f"{alice.keys}/create", name="For the words"))
    dashboard = " ".join(page.text for page in pages)

    assert {"Project settings", "My API Keys", "Expires (optional)", "Revoke API Key", "Rotate"} <= named
    assert {label for label in named if label not in dashboard} == set()


@pytest.mark.parametrize("name", ["vera", "bob", "alice"])
def test_its_example_is_a_mart_that_the_reader_may_read(name: str, shared_stage: Stage):
    """Z7."""
    person, client = shared_stage[name], shared_stage.app.test_client()

    [path] = set(
        re.findall(r"/api/external/http-data/data-marts/[0-9a-f-]{36}\.ndjson", text_of(visit(shared_stage, name)))
    )

    assert client.get(path, auth=(person.key_id, person.secret)).status_code == 200


def test_without_a_mart_to_read_it_says_so_and_its_commands_do_without(stage: Stage):
    with stage.session() as session:
        session.execute(update(DataMart).values(status="DRAFT"))

    text = text_of(visit(stage, "vera"))

    assert "Once there is a published data mart that you may read" in text
    assert "data-marts stream" not in text
    assert "/api/data-marts&#34;" in text or '/api/data-marts"' in text


def test_it_holds_no_secret_of_anybody(shared_stage: Stage):
    """K5, K6: what stands in its commands is no key."""
    assert not SECRET.search(text_of(visit(shared_stage, "alice")))


def test_recipes_install_from_this_server_by_digest(stage: Stage):
    wheel, origin = a_wheel(stage), stage.services.settings.public_origin

    page = visit(stage, "vera").get(f"/projects/{stage.cast.project_id}/docs/recipes")

    installs = re.findall(r"pip install [^\n]*", unescape(page.text))
    address = rf"'{re.escape(origin)}/downloads/{re.escape(wheel.name)}#sha256=[0-9a-f]{{64}}'"
    assert len(installs) == 4
    assert [line for line in installs if not re.search(address, line)] == []
    assert not SECRET.search(page.text)


@pytest.mark.parametrize("path", ["docs", "docs/recipes"])
def test_where_no_wheel_is_offered_nothing_is_installed(path: str, shared_stage: Stage):
    page = visit(shared_stage, "vera").get(f"/projects/{shared_stage.cast.project_id}/{path}")

    assert page.status_code == 200
    assert "<code>make dist</code>" in page.text
    assert not re.search(r"\b(pip|npm) install\b", page.text)
