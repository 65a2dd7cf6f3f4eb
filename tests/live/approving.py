"""A member who will approve what a terminal asks for, with the services that the page calls."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import DeviceAuthorization
from owox.services import device_authorizations, members
from owox.services.keys import Wanted
from owox.services.throttle import Throttle
from tests.live.conftest import HANDS, Live


@contextmanager
def approving(live: Live, times: int = 1) -> Iterator[None]:
    """Bob says yes to the next terminals that ask, one after another."""
    with ThreadPoolExecutor(1) as pool:
        answers = [pool.submit(_approve, live) for _ in range(times)]
        yield
        for answer in answers:
            answer.result()


def _approve(live: Live) -> None:
    code = _waiting(live)
    with live.hands() as (session, now):
        found = device_authorizations.look_up(session, code, live.member_id, Throttle(), "127.0.0.1", now)
        caller = members.caller_in(session, live.member_id, live.project_id)
        device_authorizations.approve(session, found, caller, Wanted(found.name), HANDS, now)


def _waiting(live: Live) -> str:
    query = select(DeviceAuthorization.user_code).where(DeviceAuthorization.approved_at.is_(None))
    for _ in range(1200):
        with Session(live.engine) as session:
            if code := session.scalar(query):
                return code
        time.sleep(0.05)
    raise AssertionError("no terminal asks")
