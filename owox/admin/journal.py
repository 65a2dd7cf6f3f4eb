"""The revocation journal as an operator meets it: brought together with the database, and what is said of that."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine

from owox.access import now
from owox.admin.running import operator
from owox.services import endings
from owox.services.endings import Ended
from owox.services.journal import Journal


def bring_together(engine: Engine, path: Path) -> Iterator[str]:
    """Bring database and journal together; yield what somebody should know of it, which stops no start."""
    try:
        together = endings.bring_together(engine, Journal(path), operator(), now())
    except OSError as error:
        yield unreadable(path, error)
        return
    if together.ended != Ended():
        yield (
            f"The database is older than {path.name}, as after a restore: {counted(together.ended)} ended again, "
            "and everybody is signed out."
        )
    if together.unreadable:
        yield no_entries(path, together.unreadable)
    if together.error:
        yield unwritable(path, together.error)


def counted(ended: Ended) -> str:
    """How many keys and members, as the beginning of a sentence that goes on with "ended again"."""
    keys = f"{ended.keys} API key{'' if ended.keys == 1 else 's'}"
    memberships = f"{ended.memberships} membership{'' if ended.memberships == 1 else 's'}"
    return f"{keys} and {memberships}"


def unreadable(path: Path, error: OSError) -> str:
    """The journal is there and cannot be read."""
    return (
        f"The revocation journal {path} cannot be read ({error.strerror}), so nobody knows whether the database holds "
        "keys as active that were revoked. Make it readable for this user and start owox again."
    )


def unwritable(path: Path, error: OSError) -> str:
    """The journal lacks what the database knows."""
    return (
        f"The revocation journal {path} cannot be written ({error.strerror}), so a backup that is restored now would "
        "bring revoked keys back. Make it writable for this user, with room on its disk, and start owox again."
    )


def no_entries(path: Path, numbers: tuple[int, ...]) -> str:
    """Lines of the journal that say nothing."""
    listed = ", ".join(map(str, numbers[:20])) + (", ..." if len(numbers) > 20 else "")
    return f"{path} has lines that are no entries: {listed}. They are passed over; remove them once you know why."
