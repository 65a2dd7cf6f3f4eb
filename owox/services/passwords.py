"""Passwords: argon2id through passlib, 19 MiB, two passes, one lane (OWASP's minimum, about 14 ms here)."""

from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

from owox.services.errors import Invalid, Problem

if TYPE_CHECKING:
    from passlib.context import CryptContext

MIN_LENGTH: Final = 15  # NIST SP 800-63B-4, 3.1.1.2: without a second factor
MAX_LENGTH: Final = 256
# Each check takes 19 MiB: a flood of sign-ins waits here instead of taking the memory of everything else.
_AT_ONCE: Final = BoundedSemaphore(2)


def hash_password(password: str, *context: str) -> str:
    """Check a new password and return what is stored of it.

    Any characters are allowed, nothing is trimmed, the whole of it counts. Raises ``Invalid`` when it is shorter than
    15 or longer than 256 characters, or made of little else than one repeated piece or the words in ``context``.
    """
    if len(password) < MIN_LENGTH:
        raise Invalid("password", Problem.TOO_SHORT if password else Problem.EMPTY)
    if len(password) > MAX_LENGTH:
        raise Invalid("password", Problem.TOO_LONG)
    if _too_common(password, context):
        raise Invalid("password", Problem.TOO_COMMON)
    with _AT_ONCE:
        return str(_scheme().hash(_encoded(password)))


def verify_password(password: str, stored: str | None) -> bool:
    """Whether a password is the stored one; without a stored one the same work is done and the answer is no."""
    with _AT_ONCE:
        right = bool(_scheme().verify(_encoded(password[: MAX_LENGTH + 1]), stored or _dummy()))
    return right and stored is not None


def _too_common(password: str, context: tuple[str, ...]) -> bool:
    rest = password.casefold()
    for word in (*context, "password", "owox", "secret", "admin", "welcome", "qwerty", "letmein"):
        rest = rest.replace(word.casefold(), "") if len(word) >= 4 else rest
    return len(set(rest)) < 6 or rest in "01234567890123456789" or rest in "abcdefghijklmnopqrstuvwxyz"


def _encoded(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@cache
def _scheme() -> "CryptContext":
    from passlib.context import CryptContext

    return CryptContext(
        schemes=["argon2"], argon2__type="ID", argon2__memory_cost=19456, argon2__time_cost=2, argon2__parallelism=1
    )


@cache
def _dummy() -> str:
    return str(_scheme().hash(b"nobody's password"))
