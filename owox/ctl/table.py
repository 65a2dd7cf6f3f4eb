"""Tables for people. Only this module loads rich."""

import io
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

UNLIMITED_WIDTH = 100_000
_LEAST = 8  # characters of a column that may be broken, if it is as wide


def draw(titles: Sequence[str], rows: Sequence[Sequence[str]], color: bool, width: int | None) -> str:
    """Return a table as text; the first column, an ID to copy, is never broken. No rows: ``No results``.

    Where the first column leaves no room for the others, rows are as long as they are, for the terminal to wrap.
    """
    if not rows:
        return "No results\n"
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, title in enumerate(titles):
        table.add_column(title, no_wrap=number == 0, overflow="fold")
    for row in rows:
        # Text, so that square brackets in a title are no markup.
        table.add_row(*(Text(cell) for cell in row))
    console = Console(
        file=io.StringIO(), width=width, force_terminal=color, color_system="auto" if color else None, highlight=False
    )
    first, *others = (max(map(len, column)) for column in zip(titles, *rows, strict=True))
    if console.width < first + sum(2 + min(_LEAST, longest) for longest in others):
        console.width = UNLIMITED_WIDTH
    with console.capture() as captured:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
