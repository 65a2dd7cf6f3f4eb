"""Storages and data marts from the server's command line, where any path may be named."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import click
from flask import Flask
from sqlalchemy.orm import Session

from owox.access import now, services
from owox.admin.running import operator, print_json
from owox.api import shapes
from owox.models import DataMart, Storage, db, writing
from owox.services import mart_definitions, marts, projects, storages
from owox.services.acting import Acting, as_operator
from owox.services.authentication import Caller
from owox.services.storages import NewStorage, StorageInfo


@dataclass(frozen=True, slots=True)
class NewMart:
    """What `owox mart add` was given."""

    project_id: str
    storage_id: str
    title: str
    definition_type: str
    definition: dict[str, str]
    publish: bool


@dataclass(frozen=True, slots=True)
class StorageToAdd:
    """What `owox storage add` was given; ``config`` may hold a password."""

    project_id: str
    type: str
    title: str
    config: dict[str, str] = field(repr=False)


def add_storage(app: Flask, new: StorageToAdd, as_json: bool) -> None:
    """Create a storage; print it, and say on stderr when it cannot be opened."""
    with app.app_context():
        keeper = services().keeper.for_operator()
        with writing(db.session()) as session:
            by = _acting(session, new.project_id)
            info = storages.create(session, keeper, by, NewStorage(new.type, new.title, new.config))
        _show(_full(info), as_json)
        if error := storages.test(keeper, info.storage):
            click.echo(f"The storage was added, but it cannot be opened: {error.provider_message}", err=True)


def add_mart(app: Flask, new: NewMart, as_json: bool) -> None:
    """Create a data mart with its definition, checked by the storage first; print it."""
    with app.app_context():
        caller = _caller(db.session(), new.project_id)
        storage = storages.get(db.session(), caller, new.storage_id).storage
        db.session.remove()
        examined = mart_definitions.examine(services().keeper, storage, new.definition_type, new.definition)
        with writing(db.session()) as session:
            by = _acting(session, new.project_id)
            mart_id = marts.create(session, by, new.title, new.storage_id).id
            mart_definitions.define(session, by, mart_id, examined)
            if new.publish:
                mart_definitions.publish(session, by, mart_id, examined)
        _show(shapes.full_mart(marts.get(db.session(), by.caller, mart_id)), as_json)


def list_storages(app: Flask, project_id: str | None, as_json: bool) -> None:
    """Print the storages of a project."""
    with app.app_context():
        session = db.session()
        found = storages.listed(session, _caller(session, project_id or projects.only(session)))
        _show_all([_full(info) for info in found], as_json)


def list_marts(app: Flask, project_id: str | None, as_json: bool) -> None:
    """Print the data marts of a project, newest first."""
    with app.app_context():
        session = db.session()
        caller = _caller(session, project_id or projects.only(session))
        _show_all([shapes.mart(mart, None) for mart in _all_marts(session, caller)], as_json)


def _all_marts(session: Session, caller: Caller) -> Iterator[DataMart]:
    offset = 0
    while found := marts.page(session, caller, offset).marts:
        yield from found
        offset += len(found)


def _acting(session: Session, project_id: str) -> Acting:
    return Acting(_caller(session, project_id), operator(project_id), now())


def _caller(session: Session, project_id: str) -> Caller:
    projects.check(session, project_id)
    return as_operator(project_id)


def _full(info: StorageInfo) -> dict[str, Any]:
    storage: Storage = info.storage
    return shapes.storage(info) | {"config": storage.config}


def _show(shape: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(shape)
    else:
        click.echo(shape["id"])


def _show_all(found: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        for shape in found:
            click.echo(f"{shape['id']}  {shape['title']}")
