"""The answers of the calls by which a terminal signs in, and how each is provoked."""

import secrets
from datetime import UTC, datetime

from werkzeug.test import TestResponse

from tests import terminals
from tests.api.calls import BODY, DEVICE_AUTHORIZATION, DEVICE_TOKEN, Answer, call, without_database
from tests.cast import Stage


def approved(stage: Stage, verb: str, path: str) -> TestResponse:
    """A fetch of what alice said yes to."""
    begun = terminals.asked(stage, address=f"198.51.100.{secrets.randbelow(250)}")
    terminals.approve(stage, begun, at=datetime.now(UTC))
    return call(stage, verb, path, json={"deviceCode": begun.device_code})


def too_often(stage: Stage, verb: str, path: str) -> TestResponse:
    """The same call, from an address of its own, until it is too much."""
    place = {"REMOTE_ADDR": f"10.0.1.{secrets.randbelow(250)}"}
    answers = (call(stage, verb, path, environ_base=place) for _ in range(100))
    return next(answer for answer in answers if answer.status_code == 429)


ALIKE: dict[int, Answer] = BODY | {429: too_often, 503: without_database}
TERMINAL_ANSWERS: dict[tuple[str, str], dict[int, Answer]] = {
    ("post", DEVICE_AUTHORIZATION): ALIKE
    | {200: call, 400: lambda stage, verb, path: call(stage, verb, path, json={"purpose": "everything"})},
    ("post", DEVICE_TOKEN): ALIKE | {200: approved, 400: call},
}
