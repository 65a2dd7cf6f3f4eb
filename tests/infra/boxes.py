"""The boxes of a page whose text is there to be copied, by the heading or summary above them."""

from html.parser import HTMLParser

_TITLES = {"h2", "summary"}


class _Boxes(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._title = self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _TITLES:
            self._title, self._open = "", tag
        elif tag == "code" and "data-copy-source" in dict(attrs):
            self._open = tag
            self.found.setdefault(self._title.strip(), []).append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in _TITLES:
            self._title += data
        elif self._open:
            self.found[self._title.strip()][-1] += data


def boxes(html: str) -> dict[str, list[str]]:
    """The texts to copy, in order, under the title that each stands under."""
    return _Boxes(html).found
