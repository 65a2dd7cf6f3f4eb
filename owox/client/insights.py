"""Insight templates (contract.md 3.9)."""

from typing import Any

from owox.client.connection import Connection
from owox.client.paging import part_params
from owox.client.shapes import USER, both, count, flag, having, listing, nullable, perhaps, text

_TEMPLATE = both(
    having(
        id=text,
        title=text,
        sourcesCount=count,
        lastRenderedTemplateUpdatedAt=nullable(text),
        createdById=text,
        createdAt=text,
        modifiedAt=text,
        dataMart=having(id=text, title=text),
        canDelete=flag,
    ),
    perhaps(createdByUser=nullable(USER)),
)


class Insights:
    """``client.insights``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_templates(self, *, limit: int | None = None, offset: int | None = None) -> list[dict[str, Any]]:
        """Return one part of the insight templates, 100 unless ``limit`` says fewer."""
        from owox.client.transport import Call

        call = Call("GET", "/api/data-marts/insight-templates", part_params(limit, offset))
        body = self._connection.json(call, "Insight Templates", having(insights=listing(_TEMPLATE)))
        found: list[dict[str, Any]] = body["insights"]
        return found
