"""JSON as it arrives: only what can be written as JSON again."""

import json
import math
from typing import Any, NoReturn


def decoded(text: str) -> Any:
    """Return the value of a JSON text; raise ``ValueError``, also for one that is nested too deeply."""
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
