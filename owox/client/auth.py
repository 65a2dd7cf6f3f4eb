"""Whom the key acts for (contract.md 3.1), and its end."""

from typing import Any

from owox.client.connection import Connection
from owox.client.shapes import both, having, listing, nullable, perhaps, text

_MEMBER = ("userId", "email", "fullName", "avatar", "roles")
_SHAPE = both(
    having(apiKeyId=text, projectId=text, userId=text, authFlow=lambda flow: flow == "api_key"),
    perhaps(projectTitle=nullable(text), email=nullable(text), fullName=nullable(text), avatar=nullable(text)),
    perhaps(roles=listing(text)),
)


class Auth:
    """``client.auth``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_context(self) -> dict[str, Any]:
        """Return ``{apiKeyId, authFlow, project: {id, title}, member: {userId, email, fullName, avatar, roles}}``."""
        from owox.client.transport import Call

        body = self._connection.json(Call("GET", "/api/auth/context"), "Auth Context", _SHAPE)
        return {
            "apiKeyId": body["apiKeyId"],
            "authFlow": body["authFlow"],
            "project": {"id": body["projectId"], "title": body.get("projectTitle")},
            "member": {name: body.get(name) for name in _MEMBER},
        }

    def revoke_key(self) -> None:
        """Revoke the very key that this client has, for good; raise ``AuthError``. Once more changes nothing.

        It is the only act on a key that its own secret allows.
        """
        self._connection.revoke()
