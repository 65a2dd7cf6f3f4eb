"""The one-time link by which a server gets its first member."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import SetupLink, db, writing
from owox.services import projects, setup
from owox.services.errors import NotFound
from tests.cast import OPERATOR, Stage, opened, settings

NOW = datetime.now(UTC)


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """A server that nobody has set up."""
    with opened(settings(tmp_path / "instance", database_url)) as app:
        yield app


@contextmanager
def begun(app: Flask) -> Iterator[Session]:
    """A session of its own, committed at the end."""
    with app.app_context(), writing(db.session()) as session:
        yield session


def test_a_link_works_once_however_many_come(empty: Flask):
    """L11, S10."""
    with begun(empty) as session:
        token = setup.new_link(session, None, OPERATOR, NOW)

    def use(_number: int) -> bool:
        try:
            with begun(empty) as session:
                setup.use(session, token, NOW)
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        used = list(pool.map(use, range(4)))

    assert sorted(used) == [False, False, False, True]


@pytest.mark.parametrize(("age", "works"), [(timedelta(minutes=59, seconds=59), True), (timedelta(hours=1), False)])
def test_a_link_lasts_an_hour(age: timedelta, works: bool, empty: Flask):
    """L11."""
    with begun(empty) as session:
        project_id = projects.create(session, "Shop", OPERATOR, NOW)
        token = setup.new_link(session, project_id, OPERATOR, NOW - age)

        if works:
            assert setup.find(session, token, NOW) == project_id
        else:
            with pytest.raises(NotFound):
                setup.find(session, token, NOW)


def test_a_new_link_ends_the_one_before_and_only_hashes_are_kept(empty: Flask):
    """L11, K2."""
    with begun(empty) as session:
        first, second = setup.new_link(session, None, OPERATOR, NOW), setup.new_link(session, None, OPERATOR, NOW)

        with pytest.raises(NotFound):
            setup.find(session, first, NOW)
        assert setup.find(session, second, NOW) is None
        assert not {first, second} & set(session.scalars(select(SetupLink.digest)))


@pytest.mark.parametrize("token", ["", "x", "\ud800", "\0", "é" * 1000])
def test_a_made_up_link_is_none(token: str, empty: Flask):
    """L11, T5."""
    with begun(empty) as session:
        with pytest.raises(NotFound):
            setup.find(session, token, NOW)
        with pytest.raises(NotFound):
            setup.use(session, token, NOW)


def test_a_link_is_worth_nothing_once_there_is_a_member(stage: Stage):
    """L11."""
    with stage.session() as session:
        token = setup.new_link(session, None, OPERATOR, NOW)

        with pytest.raises(NotFound):
            setup.find(session, token, NOW)
