"""What a data mart reads: its definition, checked by the engine of its storage, and its fields as the engine has them.

A storage may let one wait, so that nothing here asks it inside a transaction: ``examine`` first, without a session,
then ``define``, ``publish`` or ``refresh`` with what it found.

SQL           {"sqlQuery": "SELECT ..."}
TABLE, VIEW   {"fullyQualifiedName": "schema.table"}

A field is ``{"name", "type"}``, with ``hidden`` (true), ``description`` and ``aggregations`` where a member has set
them. Those stay with the field's name when the fields are read again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from owox.models import DataMart, MartStatus, Storage
from owox.reading.engines import DefinitionError, StorageError
from owox.reading.fields import supported
from owox.roles import Action
from owox.services import marts
from owox.services.acting import Acting
from owox.services.errors import BadSetting
from owox.services.storage_config import Keeper

NAMES: Final = {"SQL": "sqlQuery", "TABLE": "fullyQualifiedName", "VIEW": "fullyQualifiedName"}
FRESH: Final = timedelta(minutes=30)  # contract.md 4.8
DESCRIPTION_MAX: Final = 2_000
_SETTINGS: Final = ("hidden", "description", "aggregations")


@dataclass(frozen=True, slots=True)
class Examined:
    """A definition that the storage can read, and the ``{"name", "type"}`` of its columns."""

    definition_type: str
    definition: dict[str, Any]
    fields: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class FieldSettings:
    """What a member sets of a field; no ``aggregations`` means the usual ones of its type."""

    name: str
    hidden: bool = False
    description: str | None = None
    aggregations: tuple[str, ...] | None = None


def examine(keeper: Keeper, storage: Storage, definition_type: str | None, definition: Mapping[str, Any]) -> Examined:
    """Let the storage check a definition and name its columns; needs no session, and may take seconds.

    Raises ``BadSetting`` with the engine's message and position for a definition that cannot be read, ``StorageError``
    for a storage that cannot.
    """
    if definition_type not in NAMES:
        raise BadSetting("definitionType", f"definitionType must be one of the following values: {', '.join(NAMES)}.")
    name = NAMES[definition_type]
    text = definition.get(name)
    if set(definition) != {name} or not isinstance(text, str) or not text.strip():
        raise BadSetting("definition", f'definition of the type {definition_type} must be one "{name}".')
    found = _described(keeper, storage, {name: text})
    return Examined(definition_type, {name: text}, tuple({"name": field[0], "type": field[1]} for field in found))


def examine_again(keeper: Keeper, mart: DataMart) -> Examined:
    """The same for the definition that a data mart has, its storage loaded."""
    if mart.definition is None:
        raise BadSetting("definition", "The data mart has no definition yet. Define it first.")
    return examine(keeper, mart.storage, mart.definition_type, mart.definition)


def define(session: Session, by: Acting, mart_id: str, examined: Examined) -> DataMart:
    """Give a data mart another definition; a published one stays published."""
    mart = marts.get(session, by.caller, mart_id, Action.EDIT)
    mart.definition_type, mart.definition = examined.definition_type, examined.definition
    by.record(session, "data_mart.define", mart.id, type=examined.definition_type)
    return _changed(session, by, mart, examined)


def publish(session: Session, by: Acting, mart_id: str, examined: Examined) -> DataMart:
    """Let a data mart be read."""
    mart = marts.get(session, by.caller, mart_id, Action.EDIT)
    if mart.status != MartStatus.PUBLISHED:
        mart.status = MartStatus.PUBLISHED
        by.record(session, "data_mart.publish", mart.id)
    return _changed(session, by, mart, examined)


def refresh(session: Session, by: Acting, mart_id: str, examined: Examined) -> DataMart:
    """Take the fields over as the storage has them now."""
    mart = marts.get(session, by.caller, mart_id, Action.EDIT)
    by.record(session, "data_mart.refresh_fields", mart.id, fields=len(examined.fields))
    return _changed(session, by, mart, examined)


def unpublish(session: Session, by: Acting, mart_id: str) -> DataMart:
    """Make a draft of a data mart again; open streams of it are cut."""
    mart = marts.get(session, by.caller, mart_id, Action.EDIT)
    if mart.status != MartStatus.DRAFT:
        mart.status, mart.modified_at = MartStatus.DRAFT, by.now
        by.record(session, "data_mart.unpublish", mart.id)
    session.flush()
    return mart


def set_fields(session: Session, by: Acting, mart_id: str, settings: Sequence[FieldSettings]) -> DataMart:
    """Set what readers see of the named fields; the others stay as they are.

    Raises ``BadSetting`` for an unknown field, one named twice, and aggregates that its type does not have.
    """
    mart = marts.get(session, by.caller, mart_id, Action.EDIT)
    known = {field["name"]: field for field in mart.fields}
    wanted = {each.name: each for each in settings}
    if len(wanted) < len(settings):
        raise BadSetting("fields", "fields must name each field once.")
    for each in settings:
        _check_field(known, each)
    mart.fields = [_set(field, wanted.get(field["name"])) for field in mart.fields]
    mart.modified_at = by.now
    by.record(session, "data_mart.set_fields", mart.id, fields=[each.name for each in settings])
    session.flush()
    return mart


def current_fields(keeper: Keeper, mart: DataMart, now: datetime) -> list[dict[str, Any]]:
    """The fields of a data mart for a read, asked of the storage again when they are older than ``FRESH``.

    The same list as the mart's if nothing was asked. Raises ``StorageError``. Needs no session.
    """
    if mart.fields_read_at is not None and now - mart.fields_read_at < FRESH:
        return mart.fields
    found = _described(keeper, mart.storage, mart.definition or {}, reading=True)
    return merged(mart.fields, ({"name": name, "type": kind} for name, kind in found))


def keep_fields(session: Session, mart: DataMart, fields: list[dict[str, Any]], now: datetime) -> None:
    """Keep what ``current_fields`` found for the next read, unless a member has changed the data mart meanwhile."""
    if fields is not mart.fields:
        same = update(DataMart).where(DataMart.id == mart.id, DataMart.modified_at == mart.modified_at)
        session.execute(same.values(fields=fields, fields_read_at=now))


def merged(known: Iterable[Mapping[str, Any]], found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The found fields, in their order, each with what was set for a field of its name before."""
    before = {field["name"]: field for field in known}
    return [
        {"name": field["name"], "type": field["type"]}
        | {name: value for name, value in before.get(field["name"], {}).items() if name in _SETTINGS}
        for field in found
    ]


def _described(
    keeper: Keeper, storage: Storage, definition: dict[str, Any], *, reading: bool = False
) -> list[tuple[str, str]]:
    try:
        with keeper.opened(storage) as engine:
            return [(field.name, field.type) for field in engine.describe(definition)]
    except StorageError as error:
        if reading or not (isinstance(error, DefinitionError) or _answers(keeper, storage)):
            raise
        raise BadSetting("definition", error.provider_message) from error


def _answers(keeper: Keeper, storage: Storage) -> bool:
    """Whether the storage can be reached at all, so that what it refused is the definition's fault."""
    try:
        with keeper.opened(storage) as engine:
            engine.check()
    except StorageError:
        return False
    return True


def _changed(session: Session, by: Acting, mart: DataMart, examined: Examined) -> DataMart:
    # Another definition that came in between was examined with its own fields.
    if (mart.definition_type, mart.definition) == (examined.definition_type, examined.definition):
        mart.fields, mart.fields_read_at = merged(mart.fields, examined.fields), by.now
    mart.modified_at = by.now
    session.flush()
    return mart


def _check_field(known: Mapping[str, Mapping[str, Any]], each: FieldSettings) -> None:
    field = known.get(each.name)
    if field is None:
        raise BadSetting("fields", f"fields: the data mart has no field {each.name[:100]}.")
    if each.description is not None and len(each.description) > DESCRIPTION_MAX:
        raise BadSetting("fields", f"fields: a description must have at most {DESCRIPTION_MAX} characters.")
    offered = [function.value for function in supported(field["type"])]
    if wrong := [name for name in each.aggregations or () if name not in offered]:
        raise BadSetting("fields", f"fields: {wrong[0][:40]} cannot be computed over {each.name[:100]}.")


def _set(field: Mapping[str, Any], each: FieldSettings | None) -> dict[str, Any]:
    if each is None:
        return dict(field)
    values = {
        "hidden": each.hidden or None,
        "description": each.description or None,
        "aggregations": None if each.aggregations is None else list(each.aggregations),
    }
    plain = {"name": field["name"], "type": field["type"]}
    return plain | {name: value for name, value in values.items() if value is not None}
