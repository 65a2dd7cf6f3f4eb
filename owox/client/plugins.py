"""Plugins: publications of repositories, and their updates (contract.md 3.12)."""

from collections.abc import Sequence
from typing import Any

from owox.client.connection import Connection
from owox.client.shapes import Check, having, listing, mapping, text

_PATH = "/api/plugins"
_PUBLICATION = having(publicationId=text)


class Plugins:
    """``client.plugins``. ``scope`` is ``deployment``, ``project`` or ``member`` everywhere."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def publish(
        self,
        repository: str,
        scope: str,
        *,
        project_ids: Sequence[str] | None = None,
        all_projects: bool | None = None,
    ) -> dict[str, Any]:
        """Publish a repository's plugin and return the publication."""
        body = _publication(repository, scope, project_ids, all_projects)
        return self._post("publications", body, "Plugin Publication", _PUBLICATION)

    def unpublish(
        self,
        repository: str,
        scope: str,
        *,
        project_ids: Sequence[str] | None = None,
        all_projects: bool | None = None,
    ) -> dict[str, Any]:
        """Take a publication back and return it."""
        body = _publication(repository, scope, project_ids, all_projects)
        return self._post("publications/unpublish", body, "Plugin Publication", _PUBLICATION)

    def list_publications(self, scope: str) -> list[dict[str, Any]]:
        """Return the publications of a scope."""
        from owox.client.transport import Call

        call = Call("GET", f"{_PATH}/publications", (("scope", scope),))
        found: list[dict[str, Any]] = self._connection.json(call, "Plugin Publications", listing(mapping))
        return found

    def update(self, repository: str) -> dict[str, Any]:
        """Look for a newer version of a plugin and return what came of it."""
        return self._post("update", {"repository": repository}, "Plugin Update", having(pluginId=text))

    def suspend(self, repository: str, note: str | None = None) -> dict[str, Any]:
        """Suspend a plugin and return ``{pluginId, suspended, note}``."""
        return self._post("suspend", _noted(repository, note), "Plugin Suspension", mapping)

    def resume(self, repository: str, note: str | None = None) -> dict[str, Any]:
        """Let a suspended plugin go on and return ``{pluginId, suspended, note}``."""
        return self._post("resume", _noted(repository, note), "Plugin Suspension", mapping)

    def _post(self, path: str, body: dict[str, Any], what: str, sound: Check) -> dict[str, Any]:
        from owox.client.transport import Call

        answer: dict[str, Any] = self._connection.json(Call("POST", f"{_PATH}/{path}", body=body), what, sound)
        return answer


def _publication(
    repository: str, scope: str, project_ids: Sequence[str] | None, all_projects: bool | None
) -> dict[str, Any]:
    given = {"projectIds": None if project_ids is None else list(project_ids), "allProjects": all_projects}
    return {
        "repository": repository,
        "scope": scope,
        **{name: value for name, value in given.items() if value is not None},
    }


def _noted(repository: str, note: str | None) -> dict[str, Any]:
    return {"repository": repository} | ({} if note is None else {"note": note})
