"""Amounts as people read them: bytes, and how long something took."""

from datetime import timedelta
from typing import Final

_SIZES: Final = ("KB", "MB", "GB", "TB")


def size(count: int) -> str:
    """Bytes in steps of 1,000: ``950 bytes``, ``1.2 MB``."""
    if count < 1000:
        return f"{count} byte{'' if count == 1 else 's'}"
    steps = ((count / 1000 ** (at + 1), unit) for at, unit in enumerate(_SIZES))
    amount, unit = next((step for step in steps if round(step[0], 1) < 1000), (count / 1000**4, _SIZES[-1]))
    return f"{amount:,.1f} {unit}"


def duration(span: timedelta) -> str:
    """Time that passed: ``0.25 s``, ``12 s``, ``3 min 5 s``, ``2 h 0 min``."""
    seconds = max(0.0, span.total_seconds())
    if round(seconds, 2) < 10:
        return f"{seconds:.2f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
