"""Members who are signed in at a terminal to manage their keys, as the command keeps it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from owox.services import terminal_sign_ins
from tests.cast import OPERATOR, Stage


def place(home: Mapping[str, str]) -> Path:
    """Where the command keeps a management sign-in."""
    return Path(home["OWOX_CTL_CONFIG_PATH"]).with_name("config.management.json")


def keep(home: Mapping[str, str], origin: str, token: str, lasts: timedelta = timedelta(minutes=15)) -> None:
    """Keep one there, as if it had been fetched."""
    ends = (datetime.now(UTC) + lasts).isoformat()
    place(home).parent.mkdir(exist_ok=True)
    place(home).write_text(json.dumps({"apiOrigin": origin, "projectTitle": "Shop", "expiresAt": ends, "token": token}))


def sign_in(stage: Stage, home: Mapping[str, str], origin: str, name: str = "bob") -> str:
    """Sign somebody in; return the token."""
    with stage.session() as session:
        begun = terminal_sign_ins.begin(session, stage[name].membership_id, OPERATOR, datetime.now(UTC))
    keep(home, origin, begun.token)
    return begun.token
