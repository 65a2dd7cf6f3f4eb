"""Downloads: what the server offers for installation, to anybody, and nothing beside it."""

import hashlib
from html import unescape
from pathlib import Path

import pytest

from tests.cast import Stage, opened, settings
from tests.offered import a_file, a_package, a_wheel
from tests.web.browsing import elements


def test_the_page_lists_each_file_with_size_and_digest(stage: Stage):
    wheel, package = a_wheel(stage), a_package(stage)
    origin = stage.services.settings.public_origin

    page = stage.app.test_client().get("/downloads/")

    links = {found["href"] for tag, found in elements(page) if tag == "a"}
    assert {f"/downloads/{wheel.name}", f"/downloads/{package.name}"} <= links
    digest = hashlib.sha256(b"PK").hexdigest()
    assert page.text.count(f"<code>{digest}</code>") == 2
    assert "2 bytes" in page.text
    assert f"pip install '{origin}/downloads/{wheel.name}#sha256={digest}'" in unescape(page.text)
    assert f"npm install {origin}/downloads/{package.name}" in page.text


def test_where_nothing_is_offered_the_page_says_how_to_get_it(shared_stage: Stage):
    page = shared_stage.app.test_client().get("/downloads/")

    assert page.status_code == 200
    assert "<code>make dist</code>" in page.text
    assert " install " not in page.text


@pytest.mark.parametrize(
    ("public", "local"),
    [("http://localhost:8000", True), ("http://[::1]:8000", True), ("https://127.0.0.1.example.com", False)],
)
def test_that_an_address_is_of_this_machine_alone_is_said(public: str, local: bool, tmp_path: Path):
    given = settings(tmp_path, f"sqlite:///{tmp_path}/owox.db", PUBLIC_ORIGIN=public, OWOX_TRUSTED_HOSTS="localhost")
    a_file(given.downloads, "owox-1.0-py3-none-any.whl")

    with opened(given) as app:
        page = app.test_client().get("/downloads/")

    assert f"{public}/downloads/" in page.text
    assert ("work on this" in " ".join(page.text.split())) is local


@pytest.mark.parametrize(("kind", "media_type"), [(a_wheel, "application/zip"), (a_package, "application/gzip")])
def test_a_file_comes_whole_under_its_name_and_type(kind, media_type: str, stage: Stage):
    file = kind(stage)

    answer = stage.app.test_client().get(f"/downloads/{file.name}")

    assert (answer.status_code, answer.data) == (200, b"PK")
    assert answer.mimetype == media_type
    assert answer.headers["Content-Disposition"] == f"attachment; filename={file.name}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == "2"
    answer.close()


@pytest.mark.parametrize(
    "path", ["SECRET_KEY", "owox-9-py3-none-any.whl", "..", "../SECRET_KEY", "%2e%2e%2fSECRET_KEY", "a/b", "%00", "%ff"]
)
def test_nothing_else_is_there(path: str, stage: Stage):
    """Neither beside the files nor around their folder."""
    a_wheel(stage)
    a_file(stage.services.settings.downloads, "SECRET_KEY", b"inside")
    a_file(stage.services.settings.instance, "SECRET_KEY", b"outside")

    answer = stage.app.test_client().get(f"/downloads/{path}")

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_files_are_read_and_not_written(stage: Stage):
    wheel = a_wheel(stage)
    client = stage.app.test_client()

    refused = [client.open(f"/downloads/{wheel.name}", method=verb).status_code for verb in ("POST", "PUT", "DELETE")]

    assert refused == [405, 405, 405]
    assert wheel.read_bytes() == b"PK"
