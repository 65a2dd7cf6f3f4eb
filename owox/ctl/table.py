"""Tables for people. Only this module loads rich."""

import io
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text


def draw(titles: Sequence[str], rows: Sequence[Sequence[str]], color: bool, width: int | None) -> str:
    """Return a table as text; the first column, an ID to copy, is never broken. No rows: ``No results``."""
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
    with console.capture() as captured:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
