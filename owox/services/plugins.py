"""Plugins, which this server keeps none of: so none is published, and nothing is done with one (contract.md 3.12)."""

from enum import StrEnum
from typing import NoReturn

from owox.services.errors import Unsupported


class Scope(StrEnum):
    """For whom a plugin is published."""

    DEPLOYMENT = "deployment"
    PROJECT = "project"
    MEMBER = "member"


def published(_scope: Scope) -> list[dict[str, str]]:
    """The publications of a scope: none."""
    return []


def publish(scope: Scope) -> NoReturn:
    """Refuse to publish a plugin: ``Unsupported``, for everybody and every scope."""
    message = "This server keeps no plugins, so that none can be published here."
    raise Unsupported(message, "PLUGIN_PUBLICATION_FORBIDDEN", scope=scope)


def find(repository: str) -> NoReturn:
    """Find a published plugin: ``Unsupported``, since there is none."""
    message = "No plugin of this repository is published here: this server keeps no plugins."
    raise Unsupported(message, "PLUGIN_NOT_PUBLISHED", repository=repository)
