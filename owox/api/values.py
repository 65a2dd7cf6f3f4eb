"""Members of a JSON body by their type, refused in the contract's words when they are of another."""

from collections.abc import Mapping
from typing import Any, Final

from owox.api.errors import ValidationFailed

_IDS_MAX: Final = 100


def text(body: Mapping[str, Any], name: str) -> str:
    """A string that must be there."""
    value = body.get(name)
    if not isinstance(value, str):
        raise ValidationFailed([f"{name} must be a string."])
    return value


def optional_text(body: Mapping[str, Any], name: str) -> str | None:
    """A string, or None when it is missing or null."""
    return None if body.get(name) is None else text(body, name)


def nullable_text(body: Mapping[str, Any], name: str) -> str | None:
    """A string or null; one of the two must be there."""
    if name not in body:
        raise ValidationFailed([f"{name} must be a string or null."])
    return optional_text(body, name)


def some_object(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object that must be there."""
    value = body.get(name)
    if not isinstance(value, dict):
        raise ValidationFailed([f"{name} must be an object."])
    return value


def optional_object(body: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """An object, or None when it is missing or null."""
    return None if body.get(name) is None else some_object(body, name)


def flags(body: Mapping[str, Any], *names: str) -> list[bool]:
    """True or false for each name; all must be there."""
    if wrong := [name for name in names if not isinstance(body.get(name), bool)]:
        raise ValidationFailed([f"{name} must be a boolean value." for name in wrong])
    return [body[name] for name in names]


def ids(body: Mapping[str, Any], name: str) -> list[str]:
    """A list of at most 100 ids that must be there."""
    value = body.get(name)
    if not isinstance(value, list) or len(value) > _IDS_MAX or not all(isinstance(item, str) for item in value):
        raise ValidationFailed([f"{name} must be a list of at most {_IDS_MAX} ids."])
    return value
