"""What an answer must look like to be used (contract.md 3). Members that are not named here pass through."""

import json
from typing import Any

from owox.client.errors import ApiError

_STRINGS = ("apiKeyId", "projectId", "userId")
_OPTIONAL_STRINGS = ("projectTitle", "email", "fullName", "avatar")
_MEMBER = ("userId", "email", "fullName", "avatar", "roles")


def unexpected(what: str, text: str) -> ApiError:
    """Return the error for an answer of another shape; its details are the answer, cut if it is not JSON."""
    try:
        details = json.loads(text)
    except (ValueError, RecursionError):
        details = text[:200]
    return ApiError(f"OWOX {what} API returned an unexpected response shape", details=details)


def context(body: Any) -> dict[str, Any]:
    """Check an auth context and return ``{apiKeyId, authFlow, project, member}``, else raise ``ValueError``."""
    sound = (
        isinstance(body, dict)
        and body.get("authFlow") == "api_key"
        and all(isinstance(body.get(name), str) for name in _STRINGS)
        and all(isinstance(body.get(name, ""), str | None) for name in _OPTIONAL_STRINGS)
        and all(isinstance(role, str) for role in _list(body.get("roles", [])))
    )
    if not sound:
        raise ValueError("not the context of an API key")
    return {
        "apiKeyId": body["apiKeyId"],
        "authFlow": body["authFlow"],
        "project": {"id": body["projectId"], "title": body.get("projectTitle")},
        "member": {name: body.get(name) for name in _MEMBER},
    }


def data_mart_page(body: Any) -> tuple[list[dict[str, Any]], int | None]:
    """Check one page of ``GET /api/data-marts`` and return its items and the next offset, else raise ``ValueError``."""
    sound = (
        isinstance(body, dict)
        and isinstance(body.get("items"), list)
        and all(_is_mart(item) for item in body["items"])
        and _is_count(body.get("total"))
        and "nextOffset" in body
        and (body["nextOffset"] is None or _is_count(body["nextOffset"]))
    )
    if not sound:
        raise ValueError("not a page of data marts")
    return body["items"], body["nextOffset"]


def _is_mart(item: Any) -> bool:
    return isinstance(item, dict) and all(isinstance(item.get(name), str) for name in ("id", "title", "status"))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _list(value: Any) -> list[Any]:
    """Return a list as it is; anything else becomes a list that no check of its items accepts."""
    return value if isinstance(value, list) else [None]
