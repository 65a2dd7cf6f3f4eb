"""The list of data marts as JSON, a page in one statement: the text that the API answers is written by the database.

The members of a data mart are those of contract.md 3.2, as ``api.shapes.mart`` writes them from objects.
"""

import json
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, Select, Text, case, func, literal_column, select
from sqlalchemy.orm import Session, aliased

from owox.models import DataMart, DataMartOwner, Member, Storage
from owox.models.json_text import JsonText, Written
from owox.roles import Owner
from owox.services import marts
from owox.services.authentication import Caller


@dataclass(frozen=True, slots=True)
class MartList:
    """One page: ``items`` is a JSON array of ``count`` data marts, ``total`` counts all that match."""

    items: str
    count: int
    total: int


def page(
    session: Session, caller: Caller, alias: str | None, offset: int = 0, has_owners: bool | None = None
) -> MartList:
    """The data marts that a caller may see, newest first, from ``offset`` on, with or without owners if that is asked.

    ``alias`` stands in ``storage.type``; without one that is the storage's type.
    """
    listed = marts.listed(caller, has_owners)
    total = select(func.count()).select_from(DataMart).where(listed).scalar_subquery()
    dialect = session.get_bind().dialect.name
    part = _newest_first(dialect, alias).where(listed).limit(marts.PAGE_SIZE).offset(offset)
    items, all_of_them = session.execute(select(JsonText(dialect).array(part), total)).one()
    return MartList(items, max(0, min(marts.PAGE_SIZE, all_of_them - offset)), all_of_them)


@cache
def _newest_first(dialect: str, alias: str | None) -> Select[str]:
    """One object for each data mart. Made once: a request would spend longer on it than on a small page."""
    write, creator = JsonText(dialect), aliased(Member)
    real_type = write.text(Storage.type)
    members: dict[str, Written | str] = {
        "id": write.text(DataMart.id),
        "title": write.text(DataMart.title),
        "status": write.text(DataMart.status),
        "storage": write.object(
            {
                "type": json.dumps(alias) if alias else real_type,
                "title": write.text(Storage.title),
                "engine": real_type,
            }
        ),
        "description": write.text(DataMart.description),
        "definitionType": write.text(DataMart.definition_type),
        "triggersCount": "0",
        "reportsCount": "0",
        "createdByUser": case((creator.id.is_(None), literal_column("'null'", Text)), else_=_user(write, creator)),
        "businessOwnerUsers": _owners(write, Owner.BUSINESS),
        "technicalOwnerUsers": _owners(write, Owner.TECHNICAL),
        "createdAt": write.instant(DataMart.created_at),
        "modifiedAt": write.instant(DataMart.modified_at),
        "contexts": "[]",
        "availableForReporting": write.flag(DataMart.available_for_reporting),
        "availableForMaintenance": write.flag(DataMart.available_for_maintenance),
        "dataLastUpdated": "null",
    }
    rows = select(write.object(members)).select_from(DataMart).join(Storage, Storage.id == DataMart.storage_id)
    rows = rows.outerjoin(creator, creator.id == DataMart.created_by_id)
    return rows.order_by(DataMart.created_at.desc(), DataMart.id)


def _owners(write: JsonText, kind: Owner) -> Written:
    owner = aliased(Member)
    owners = select(_user(write, owner)).join(DataMartOwner, DataMartOwner.member_id == owner.id)
    of_the_mart: ColumnElement[bool] = DataMartOwner.data_mart_id == DataMart.id
    ordered = owners.where(of_the_mart, DataMartOwner.kind == kind).order_by(DataMartOwner.member_id)
    return write.array(ordered.correlate(DataMart))


def _user(write: JsonText, member: type[Member]) -> Written:
    return write.object(
        {
            "userId": write.text(member.id),
            "fullName": write.text(member.name),
            "email": write.text(member.email),
            "avatar": "null",
        }
    )
