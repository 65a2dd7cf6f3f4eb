"""What search looks in: titles, descriptions and names as words, the same for every alphabet and on both databases.

The words are kept beside the text, since no function that folds text is the same in both: SQLite's knows ASCII only,
PostgreSQL's depends on the locale that the database was made with.
"""

import unicodedata
from typing import Final

from sqlalchemy import Text, text
from sqlalchemy.orm import Mapped, mapped_column, validates

_LEFT_OUT: Final = {"Cf", *map(chr, range(0xFE00, 0xFE10))}  # invisible: formats, and how an emoji is drawn
Words: Final = Text().with_variant(Text(collation="C"), "postgresql")


def words(plain: str) -> str:
    """The words of a text, folded (NFKC, no case), with one space between them; each sign is a word of its own.

    ``"Orders, 50% off"`` is ``"orders , 50 % off"``. Compatible spellings are the same, accents are kept.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).casefold())
    return " ".join("".join(map(_apart, folded)).split())


def between_spaces(plain: str) -> str:
    """The words of a text as they are stored: a space also before the first and after the last."""
    return f" {words(plain)} "


class Searchable:
    """Something that is found by its title; ``search_title`` follows the title."""

    search_title: Mapped[str] = mapped_column(Words, server_default=text("''"), deferred=True, deferred_raiseload=True)

    @validates("title")
    def _keep_title(self, _name: str, title: str) -> str:
        self.search_title = between_spaces(title)
        return title


class Named:
    """Something that is found by its name; ``search_name`` follows the name, also in a statement of ``renaming``."""

    search_name: Mapped[str] = mapped_column(Words, server_default=text("''"), deferred=True, deferred_raiseload=True)

    @validates("name")
    def _keep_name(self, _key: str, name: str) -> str:
        self.search_name = between_spaces(name)
        return name


def renaming(name: str) -> dict[str, str]:
    """What an UPDATE sets to give something ``Named`` another name."""
    return {"name": name, "search_name": between_spaces(name)}


def _apart(char: str) -> str:
    kind = unicodedata.category(char)
    if {kind, char} & _LEFT_OUT:
        return ""
    if kind[0] in "LMN":
        return char
    return " " if kind[0] == "Z" or kind in {"Cc", "Cs"} else f" {char} "
