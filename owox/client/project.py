"""The project of the key: settings and how far its set-up is (contract.md 3.6)."""

from typing import Any

from owox.client.connection import Connection
from owox.client.shapes import Check, count, flag, having, nullable, text

_SETTINGS = having(description=nullable(text))
_STEP = having(done=flag, completedAt=nullable(text))
_STEPS = (
    "hasStorage", "hasDraftDataMart", "hasPublishedDataMart", "hasDestination", "hasReport", "hasReportRun",
    "hasTeammatesInvited", "hasGoogleSheetsDestination", "hasGoogleSheetsExtension", "hasGoogleSheetsReportRun",
)  # fmt: skip
_PATH = "/api/projects/settings"


def _steps(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() >= set(_STEPS) and all(map(_STEP, value.values()))


def _up_to(most: int) -> Check:
    return lambda value: count(value) and value <= most


_PROGRESS = having(version=count, stepsSchemaVersion=count, progress=_up_to(100), steps=_steps)


class Project:
    """``client.project``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_settings(self) -> dict[str, str | None]:
        """Return ``{description}``, which is ``None`` where there is none."""
        from owox.client.transport import Call

        body = self._connection.json(Call("GET", _PATH), "Project Settings", _SETTINGS)
        return {"description": body["description"]}

    def update_description(self, description: str | None) -> dict[str, str | None]:
        """Describe the project anew, in 1 to 10,000 characters, or with ``None`` not at all. For keys of admins."""
        from owox.client.transport import Call

        call = Call("PUT", f"{_PATH}/description", body={"description": description})
        body = self._connection.json(call, "Project Settings", _SETTINGS)
        return {"description": body["description"]}

    def get_setup_progress(self) -> dict[str, Any]:
        """Return ``{version, stepsSchemaVersion, progress, steps}``: percent done, and of each step since when."""
        from owox.client.transport import Call

        found: dict[str, Any] = self._connection.json(
            Call("GET", "/api/project-setup-progress"), "Project Setup Progress", _PROGRESS
        )
        return found
