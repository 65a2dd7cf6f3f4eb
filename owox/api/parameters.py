"""Parameters of a query string, refused in the contract's words; all that is wrong with them is told at once."""

import re
from typing import Final

from flask import request

from owox.api.errors import ValidationFailed

_WHOLE: Final = re.compile(r"[0-9]{1,15}")
_NEGATIVE: Final = re.compile(r"-[0-9]+")


class Parameters:
    """The query string of the request that is being answered; ``known`` are the names that it may hold, once each."""

    def __init__(self, *known: str) -> None:
        self._errors = [f"property {name[:100]} should not exist." for name in request.args if name not in known]
        self._errors += [f"{name} must be given once." for name in known if len(request.args.getlist(name)) > 1]

    def text(self, name: str) -> str | None:
        """A text as it stands there."""
        return request.args.get(name)

    def whole(self, name: str, default: int, least: int, most: int | None = None) -> int:
        """A whole number of at most 15 digits, within bounds that leave out negative ones."""
        given = request.args.get(name)
        if given is None:
            return default
        number = int(given) if _WHOLE.fullmatch(given) else -1 if _NEGATIVE.fullmatch(given) else None
        if most is not None and (number is None or number > most):
            self._errors.append(f"{name} must not be greater than {most}.")
        if number is None or number < least:
            self._errors.append(f"{name} must not be less than {least}.")
        if number is None:
            self._errors.append(f"{name} must be an integer number.")
        return default if number is None else number

    def flag(self, name: str) -> bool:
        """``true`` or ``false``; false when it is missing."""
        given = request.args.get(name, "false")
        if given not in {"true", "false"}:
            self._errors.append(f"{name} must be a boolean value.")
        return given == "true"

    def refuse(self, message: str) -> None:
        """Add what else is wrong."""
        self._errors.append(message)

    def check(self) -> None:
        """Raise ``ValidationFailed`` if anything was wrong."""
        if self._errors:
            raise ValidationFailed(self._errors)
