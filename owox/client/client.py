"""The client: one API key on one server, and what can be asked of it, a resource each."""

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self, overload

from owox import __version__
from owox.client.auth import Auth
from owox.client.connection import Connection
from owox.client.credentials import Credentials
from owox.client.data_marts import DataMarts
from owox.client.destinations import Destinations
from owox.client.errors import ConfigError
from owox.client.insights import Insights
from owox.client.markdown import Markdown
from owox.client.models import Models
from owox.client.paths import guarded
from owox.client.plugins import Plugins
from owox.client.project import Project
from owox.client.reports import Reports
from owox.client.runs import Runs
from owox.client.search import Search
from owox.client.storages import Storages

USER_AGENT = f"owox-python/{__version__}"


class Client:
    """One API key on one server: ``Client(origin, key_id, key_secret)`` or ``Client(combined)``.

    Safe to share between threads: concurrent first calls make one exchange. A call is repeated once, with a new access
    token, when it is answered 401; nothing else is tried again and no redirect is followed.
    """

    @overload
    def __init__(self, origin: str, key_id: str, key_secret: str, *, user_agent: str = ...) -> None: ...

    @overload
    def __init__(self, origin: str, /, *, user_agent: str = ...) -> None: ...

    def __init__(
        self, origin: str, key_id: str | None = None, key_secret: str | None = None, *, user_agent: str = USER_AGENT
    ) -> None:
        if key_id is None and key_secret is None:
            self.credentials = Credentials.from_combined(origin)
        else:
            self.credentials = Credentials.of(origin, key_id or "", key_secret or "")
        connection = self._connection = Connection(self.credentials, user_agent)
        self.auth = Auth(connection)
        self.data_marts = DataMarts(connection)
        self.storages = Storages(connection)
        self.destinations = Destinations(connection)
        self.project = Project(connection)
        self.runs = Runs(connection)
        self.search = Search(connection)
        self.insights = Insights(connection)
        self.models = Models(connection)
        self.markdown = Markdown(connection)
        self.reports = Reports(connection)
        self.plugins = Plugins(connection)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Make a client of ``OWOX_API_KEY`` or of the three variables; raise ``ConfigError``."""
        found = Credentials.from_env(os.environ if environ is None else environ)
        return cls(found.origin, found.key_id, found.secret)

    @property
    def key_ends_at(self) -> datetime | None:
        """When the key ends by itself, told by the server with any answer in the key's last 14 days, else ``None``."""
        return self._connection.key_ends_at

    def authenticate(self) -> None:
        """Exchange the key for an access token now, whether one is held or not; raise ``AuthError``."""
        self._connection.authenticate()

    def request_json(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: object = None
    ) -> Any:
        """Make any other call of the API and return its JSON, ``None`` for an empty answer.

        ``path`` begins with ``/api/`` and has no query, which goes into ``params``; ``body`` is sent as JSON.
        """
        from owox.client.transport import Call

        if method not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            raise ConfigError("The method of a call is GET, POST, PUT, PATCH or DELETE")
        call = Call(method, guarded(path), tuple((params or {}).items()), body=body)
        return self._connection.json(call, path, lambda _: True, empty=True)

    def close(self) -> None:
        """Close the connections. A later call opens new ones."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(origin={self.credentials.origin!r}, key_id={self.credentials.key_id!r})"
