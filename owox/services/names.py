"""Checking the short texts that people type: names, titles and e-mail addresses."""

import re
import unicodedata
from typing import Final

from owox.services.errors import Invalid, Problem

EMAIL_MAX: Final = 254
TITLE_MAX: Final = 255
_EMAIL: Final = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+")
_REFUSED: Final = {"Cc", "Cs", "Zl", "Zp"}


def clean_name(text: str, limit: int, field: str = "name") -> str:
    """Return the text trimmed; raise ``Invalid`` unless it is 1 to ``limit`` characters and holds no control character.

    Text of which nothing can be seen counts as empty.
    """
    name = text.strip()
    categories = {unicodedata.category(char) for char in name}
    if not categories - {"Cf", "Zs", "Mn"}:
        raise Invalid(field, Problem.EMPTY)
    if categories & _REFUSED:
        raise Invalid(field, Problem.CONTROL)
    if len(name) > limit:
        raise Invalid(field, Problem.TOO_LONG)
    return name


def clean_title(text: str) -> str:
    """The same for the title of a storage, a data mart or a destination."""
    return clean_name(text, TITLE_MAX, "title")


def clean_email(text: str) -> str:
    """Return an e-mail address trimmed and lower-case, as it is stored and looked up; raise ``Invalid``."""
    email = unicodedata.normalize("NFC", text.strip()).lower()
    if not email:
        raise Invalid("email", Problem.EMPTY)
    if len(email) > EMAIL_MAX:
        raise Invalid("email", Problem.TOO_LONG)
    if not _EMAIL.fullmatch(email) or {unicodedata.category(char) for char in email} & (_REFUSED | {"Cf"}):
        raise Invalid("email", Problem.NOT_AN_EMAIL)
    return email
