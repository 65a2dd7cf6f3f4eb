"""What is offered for installation: known names only, the newest first, with true sizes and digests."""

import hashlib
import os
from pathlib import Path

import pytest

from owox.services.downloads import Kind, find, offered
from owox.services.errors import NotFound
from tests.offered import a_file

WHEEL = "owox-0.1.0-py3-none-any.whl"
OTHERS = [
    "owox.env", "SECRET_KEY", "owox-0.1.0.tar.gz", "owox-0.1.0-cp311-cp311-linux_x86_64.whl", "owox-x-py3-none-any.whl",
    "owox-0.1.0-py3-none-any.whl.part", ".owox-0.1.0-py3-none-any.whl", "owox-٣-py3-none-any.whl",
    "OWOX-1-py3-none-any.whl", "owox-api-client.tgz", "owox-1-py3-none-any.whl\n",
]  # fmt: skip


def test_wheels_come_first_and_the_newest_of_each_kind(tmp_path: Path):
    names = ["owox-api-client-0.9.tgz", "owox-0.9.0-py3-none-any.whl", "owox-0.10.0-py3-none-any.whl"]
    for name in names:
        a_file(tmp_path, name)

    found = [(each.name, each.kind) for each in offered(tmp_path)]

    assert found == [(names[2], Kind.WHEEL), (names[1], Kind.WHEEL), (names[0], Kind.NPM)]


def test_size_and_digest_are_those_of_the_file_as_it_is_now(tmp_path: Path):
    for content in (b"first", b"other"):
        path = a_file(tmp_path, WHEEL, content)
        os.utime(path, ns=(len(content), path.stat().st_mtime_ns + content[0]))

        [found] = offered(tmp_path)

        assert (found.size, found.sha256) == (5, hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("name", OTHERS)
def test_no_other_file_of_the_folder_is_offered(name: str, tmp_path: Path):
    a_file(tmp_path, name)

    assert offered(tmp_path) == []
    with pytest.raises(NotFound):
        find(tmp_path, name)


@pytest.mark.parametrize("name", ["", ".", "..", f"../{WHEEL}", f"inner/{WHEEL}", f"/{WHEEL}", f"{WHEEL}/"])
def test_a_name_leads_nowhere_else(name: str, tmp_path: Path):
    folder = tmp_path / "offered"
    for path in (tmp_path, folder, folder / "inner"):
        a_file(path, WHEEL)

    with pytest.raises(NotFound):
        find(folder, name)


def test_a_folder_or_a_pipe_of_such_a_name_is_no_file(tmp_path: Path):
    (tmp_path / WHEEL).mkdir()
    os.mkfifo(tmp_path / "owox-0.2.0-py3-none-any.whl")

    assert offered(tmp_path) == []


def test_a_file_that_cannot_be_read_keeps_the_others_from_nobody(tmp_path: Path):
    (tmp_path / WHEEL).symlink_to("/proc/self/mem")
    (tmp_path / "owox-0.2.0-py3-none-any.whl").symlink_to("gone")
    a_file(tmp_path, "owox-api-client-0.1.tgz")

    assert [each.name for each in offered(tmp_path)] == ["owox-api-client-0.1.tgz"]


def test_without_the_folder_nothing_is_offered(tmp_path: Path):
    assert offered(tmp_path / "absent") == []
    with pytest.raises(NotFound):
        find(tmp_path / "absent", WHEEL)
