"""Noting when, from where and by which client a key was last used, outside the request and at most once a minute.

The note is one conditional UPDATE of those columns alone, so that it can never undo anything; it is skipped when the
database is busy, and a process that ends may lose its last one.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, or_, update
from sqlalchemy.exc import SQLAlchemyError

from owox.models import ApiKey
from owox.models.base import instant, milliseconds

_EVERY_SECONDS: Final = 60
_REMEMBERED: Final = 10_000
_log = logging.getLogger(__name__)


class LastUsed:
    """The notes of one process; ``later`` does what is given to it after the request."""

    def __init__(self, engine: Engine, later: Callable[[Callable[[], None]], None]) -> None:
        self._engine = engine
        self._later = later
        self._noted: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def due(self, key_id: str) -> bool:
        """Whether a use of this key is worth a note now."""
        return time.monotonic() - self._noted.get(key_id, -_EVERY_SECONDS) >= _EVERY_SECONDS

    def note(self, key_id: str, now: datetime, address: str, client: str) -> None:
        """Note a use; returns at once."""
        with self._lock:
            self._noted[key_id] = time.monotonic()
            while len(self._noted) > _REMEMBERED:
                self._noted.popitem(last=False)
        self._later(lambda: self._write(key_id, now, address, client))

    def _write(self, key_id: str, now: datetime, address: str, client: str) -> None:
        try:
            write(self._engine, key_id, now, address, client)
        except SQLAlchemyError as error:
            _log.info("last use of %s was not noted: %s", key_id, type(error).__name__)
            self._noted.pop(key_id, None)


def write(engine: Engine, key_id: str, now: datetime, address: str, client: str) -> None:
    """Write one note unless a later or equally fresh one is there."""
    stale = instant(milliseconds(now) - _EVERY_SECONDS * 1000)
    statement = (
        update(ApiKey)
        .where(ApiKey.id == key_id, or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= stale))
        .values(last_used_at=now, last_used_address=address, last_used_client=client)
    )
    with engine.execution_options(owox_begin="BEGIN IMMEDIATE").begin() as connection:
        connection.execute(statement)
