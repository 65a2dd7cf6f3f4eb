"""The short code that a terminal shows and a person types (RFC 8628, 6.1): 8 letters, shown as ``XXXX-XXXX``."""

import re
import secrets
from typing import Final

# No vowels, so no words; no letters that are taken for others or for digits.
ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH: Final = 8
TYPED_MAX: Final = 100
_CODE: Final = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def mint() -> str:
    """A new code, one of 20 to the power of 8."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read(typed: str) -> str:
    """What was typed without case, hyphens and spaces; empty when that is no code."""
    code = re.sub(r"[\s-]", "", typed[:TYPED_MAX]).upper()
    return code if typed.isascii() and _CODE.fullmatch(code) else ""


def shown(code: str) -> str:
    """A code in two halves, as people read it."""
    return f"{code[:4]}-{code[4:]}"
