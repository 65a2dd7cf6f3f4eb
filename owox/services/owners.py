"""Owners of storages, destinations and data marts: members of the project, each named once."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import Member, Membership
from owox.services.errors import BadSetting


def checked(session: Session, project_id: str, member_ids: Iterable[str], field: str = "ownerIds") -> list[str]:
    """Return the ids, each once and in their order; raise ``BadSetting`` unless all are members of the project now."""
    wanted = list(dict.fromkeys(member_ids))
    if not wanted:
        return []
    lasting = (
        select(Membership.member_id)
        .join(Member, Member.id == Membership.member_id)
        .where(
            Membership.project_id == project_id,
            Membership.member_id.in_(wanted),
            Membership.ended_at.is_(None),
            Member.disabled_at.is_(None),
        )
    )
    if missing := set(wanted) - set(session.scalars(lasting)):
        raise BadSetting(field, f"{field}: {_shown(sorted(missing))} is no member of this project.")
    return wanted


def _shown(ids: Sequence[str]) -> str:
    return ids[0][:40]
