"""The shapes that several answers share (contract.md 3.0, 3.2, 3.4, 3.5)."""

from typing import Any, Final

from owox.api.errors import timestamp
from owox.models import DataMart, Member
from owox.reading.fields import allowed, field_of
from owox.roles import Owner
from owox.services.destinations import DestinationInfo
from owox.services.storages import StorageInfo


def user(member: Member | None) -> dict[str, Any] | None:
    """A member as other members see them."""
    if member is None:
        return None
    return {"userId": member.id, "fullName": member.name, "email": member.email, "avatar": None}


def mart(row: DataMart, alias: str | None) -> dict[str, Any]:
    """An item of the data mart list; ``alias`` stands in ``storage.type``, ``storage.engine`` is the real one."""
    owners = {
        kind: [user(owner.member) for owner in row.owners if owner.kind == kind]
        for kind in (Owner.BUSINESS, Owner.TECHNICAL)
    }
    return {
        "id": row.id,
        "title": row.title,
        "status": row.status,
        "storage": {"type": alias or row.storage.type, "title": row.storage.title, "engine": row.storage.type},
        "description": row.description,
        "definitionType": row.definition_type,
        "triggersCount": 0,
        "reportsCount": 0,
        "createdByUser": user(row.created_by),
        "businessOwnerUsers": owners[Owner.BUSINESS],
        "technicalOwnerUsers": owners[Owner.TECHNICAL],
        "createdAt": timestamp(row.created_at),
        "modifiedAt": timestamp(row.modified_at),
        "contexts": [],
        "availableForReporting": row.available_for_reporting,
        "availableForMaintenance": row.available_for_maintenance,
        "dataLastUpdated": None,
    }


def full_mart(row: DataMart) -> dict[str, Any]:
    """A data mart by itself (contract.md 3.13): definition, fields, and its storage under the storage's real type."""
    shared = mart(row, None)
    schema = None if row.definition is None else {"fields": [field(kept) for kept in row.fields]}
    return {
        **{name: shared[name] for name in ("id", "title", "status")},
        "storage": {"id": row.storage.id, "type": row.storage.type, "title": row.storage.title},
        "definitionType": row.definition_type,
        "definition": row.definition,
        "description": row.description,
        "schema": schema,
        "triggersCount": 0,
        "reportsCount": 0,
        "blendedFieldsConfig": None,
        **{name: shared[name] for name in _FULL_END},
    }


_FULL_END: Final = (
    "createdByUser",
    "businessOwnerUsers",
    "technicalOwnerUsers",
    "createdAt",
    "modifiedAt",
    "availableForReporting",
    "availableForMaintenance",
    "contexts",
    "dataLastUpdated",
)


def field(kept: dict[str, Any]) -> dict[str, Any]:
    """A field of a data mart; ``aggregations`` are those that readers may use."""
    return {
        "name": kept["name"],
        "type": kept["type"],
        "hidden": bool(kept.get("hidden")),
        "description": kept.get("description"),
        "aggregations": [function.value for function in allowed(field_of(kept))],
    }


def storage(info: StorageInfo) -> dict[str, Any]:
    """An item of the storage list; what the storage is opened with is not in it."""
    row = info.storage
    return {
        "id": row.id,
        "title": row.title,
        "type": row.type,
        "createdAt": timestamp(row.created_at),
        "modifiedAt": timestamp(row.modified_at),
        "publishedDataMartsCount": info.published,
        "draftDataMartsCount": info.drafts,
        "createdByUser": user(info.created_by),
        "ownerUsers": [user(owner.member) for owner in row.owners],
        "contexts": [],
        "availableForUse": row.available_for_use,
        "availableForMaintenance": row.available_for_maintenance,
    }


def destination(info: DestinationInfo) -> dict[str, Any]:
    """A destination; its credentials are the part of them that is no secret."""
    row = info.destination
    return {
        "id": row.id,
        "title": row.title,
        "type": row.type,
        "projectId": row.project_id,
        "credentials": row.config,
        "createdAt": timestamp(row.created_at),
        "modifiedAt": timestamp(row.modified_at),
        "credentialId": None,
        "createdByUser": user(info.created_by),
        "ownerUsers": [user(owner.member) for owner in row.owners],
        "availableForUse": row.available_for_use,
        "availableForMaintenance": row.available_for_maintenance,
        "contexts": [],
        "config": {},
    }
