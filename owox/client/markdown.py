"""Markdown as the server renders it (contract.md 3.11)."""

from owox.client.connection import Connection


class Markdown:
    """``client.markdown``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def parse_to_html(self, markdown: str) -> str:
        """Return Markdown as HTML."""
        from owox.client.transport import HTML, Call

        call = Call("POST", "/api/markdown/parse-to-html", body={"markdown": markdown}, accept=HTML)
        return self._connection.text(call, "Markdown")
