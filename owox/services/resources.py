"""What storages and destinations have in common: shared by two flags, owned, and forgotten.

The services of both decide who may do it; here it is done, and stands in the audit log.
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from owox.models import Destination, DestinationOwner, Storage, StorageOwner
from owox.services import once, owners
from owox.services.acting import Acting
from owox.services.authentication import Caller
from owox.services.secrets import Unreadable, Vault

Resource = Storage | Destination
OwnerOf = type[StorageOwner] | type[DestinationOwner]
_OWNERS: Final[dict[type[Resource], tuple[OwnerOf, InstrumentedAttribute[str]]]] = {
    Storage: (StorageOwner, StorageOwner.storage_id),
    Destination: (DestinationOwner, DestinationOwner.destination_id),
}


def sealed_otherwise(session: Session, vault: Vault) -> int:
    """Of how many the secret was sealed with a secret key that this server does not have."""
    count = 0
    for kind in _OWNERS:
        kept = select(kind.id, kind.secret).where(kind.secret.is_not(None), kind.deleted_at.is_(None))
        for row_id, secret in session.execute(kept):
            try:
                vault.open(row_id, secret)
            except Unreadable:
                count += 1
    return count


def facts(caller: Caller, resource: Resource) -> dict[str, bool]:
    """What decides what a caller may do with it (contract.md 6.2); its owners are loaded."""
    return {
        "owned": any(owner.member_id == caller.member_id for owner in resource.owners),
        "use": resource.available_for_use,
        "maintenance": resource.available_for_maintenance,
    }


def add(session: Session, by: Acting, resource: Resource, **details: Any) -> None:
    """Add a new one, owned by whoever makes it; its id may come from a form.

    Raises ``AlreadyMade`` when that form came before.
    """
    once.add(session, resource)
    if by.member_id:
        _own(session, resource, [by.member_id])
    by.record(
        session, f"{resource.__tablename__}.create", resource.id, type=resource.type, title=resource.title, **details
    )
    session.flush()


def changed(session: Session, by: Acting, resource: Resource, act: str, **details: Any) -> None:
    """Note that an act has changed it; ``details`` never hold a secret."""
    resource.modified_at = by.now
    by.record(session, f"{resource.__tablename__}.{act}", resource.id, **details)
    session.flush()


def share(session: Session, by: Acting, resource: Resource, *, use: bool, maintenance: bool) -> None:
    """Set the two sharing flags."""
    resource.available_for_use, resource.available_for_maintenance = use, maintenance
    changed(session, by, resource, "share", use=use, maintenance=maintenance)


def set_owners(session: Session, by: Acting, resource: Resource, member_ids: Iterable[str]) -> list[str]:
    """Replace the owners; return their ids. Raises ``BadSetting`` for somebody who is no member."""
    wanted = owners.checked(session, by.project_id, member_ids)
    owner, resource_id = _OWNERS[type(resource)]
    session.execute(delete(owner).where(resource_id == resource.id))
    _own(session, resource, wanted)
    changed(session, by, resource, "set_owners", owners=wanted)
    return wanted


def remove(session: Session, by: Acting, resource: Resource) -> None:
    """Delete it and forget its secret."""
    resource.deleted_at, resource.secret = by.now, None
    changed(session, by, resource, "delete", title=resource.title)


def _own(session: Session, resource: Resource, member_ids: Iterable[str]) -> None:
    owner, resource_id = _OWNERS[type(resource)]
    session.add_all(owner(**{resource_id.key: resource.id, "member_id": member_id}) for member_id in member_ids)
