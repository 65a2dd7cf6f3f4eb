"""The shapes that several answers share (contract.md 3.0, 3.2, 3.4, 3.5)."""

from typing import Any

from owox.api.errors import timestamp
from owox.models import DataMart, Member
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
