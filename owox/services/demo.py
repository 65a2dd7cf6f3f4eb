"""Installs the demo project: a shop's data and the data marts over it, once."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from owox import demo
from owox.models import DataMart, Project, Storage
from owox.models.base import new_id
from owox.reading.engines import Engine, open_engine
from owox.services import projects
from owox.services.audit import Actor, record


def installed(session: Session) -> str | None:
    """The id of the demo project, if there is one."""
    return session.scalar(select(Project.id).where(Project.title == demo.PROJECT_TITLE).limit(1))


def install(session: Session, folder: Path, actor: Actor, now: datetime) -> str:
    """Write the shop's data into ``folder`` and add a project, a storage and data marts over it; return its id."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = (folder / demo.FILE_NAME).absolute()
    demo.build_shop(path, now.date())
    config = {"path": str(path)}
    engine = open_engine(demo.STORAGE_TYPE, config)
    project_id = projects.create(session, demo.PROJECT_TITLE, actor, now)
    storage = Storage(
        id=new_id(),
        project_id=project_id,
        type=demo.STORAGE_TYPE,
        title=demo.STORAGE_TITLE,
        config=config,
        created_at=now,
        modified_at=now,
    )
    session.add(storage)
    session.flush()
    record(session, "storage.create", actor, now, subject_id=storage.id, project=project_id, title=storage.title)
    # The list shows newest first: a millisecond apart, the marts keep the order they are written in.
    for age, wanted in enumerate(demo.MARTS):
        mart = _mart(storage, wanted, engine, now - timedelta(milliseconds=age))
        session.add(mart)
        record(session, "data_mart.create", actor, now, subject_id=mart.id, project=project_id, title=mart.title)
    session.flush()
    return project_id


def _mart(storage: Storage, mart: demo.DemoMart, engine: Engine, at: datetime) -> DataMart:
    definition = dict(mart.definition)
    return DataMart(
        id=new_id(),
        project_id=storage.project_id,
        storage_id=storage.id,
        title=mart.title,
        description=mart.description,
        status=mart.status,
        definition_type=mart.definition_type,
        definition=definition,
        fields=[{"name": field.name, "type": field.type} for field in engine.describe(definition)],
        fields_read_at=at,
        available_for_reporting=True,
        available_for_maintenance=True,
        created_at=at,
        modified_at=at,
    )
