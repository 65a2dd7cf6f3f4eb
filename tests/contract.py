"""What unmodified clients demand of answers, written from contract.md 3.0 to 3.5 alone: it imports nothing of owox.

Each check names everything that is wrong, with its place; an empty list means that every client accepts the answer.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Check = Callable[[Any, str], Iterator[str]]
STORAGE_TYPES = {
    "GOOGLE_BIGQUERY", "AWS_ATHENA", "SNOWFLAKE", "AWS_REDSHIFT", "DATABRICKS", "LEGACY_GOOGLE_BIGQUERY",
}  # fmt: skip
DESTINATION_TYPES = {"GOOGLE_SHEETS", "LOOKER_STUDIO", "EMAIL", "SLACK", "MS_TEAMS", "GOOGLE_CHAT"}
DEFINITION_TYPES = {"SQL", "TABLE", "VIEW", "TABLE_PATTERN", "CONNECTOR"}
MISSING = object()
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?"
    r"(?:Z|[+-]([0-9]{2}):([0-9]{2}))"
)


def is_timestamp(text: object) -> bool:
    """Whether a value is a timestamp as 3.0 has them."""
    match = _TIMESTAMP.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return False
    year, month, day, hour, minute, second, off_hour, off_minute = (int(part or 0) for part in match.groups())
    real_day = year >= 1 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
    return real_day and hour <= 23 and minute <= 59 and second <= 59 and off_hour <= 23 and off_minute <= 59


def text(value: Any, at: str) -> Iterator[str]:
    """A string."""
    if not isinstance(value, str):
        yield f"{at} is no string: {value!r}"


def timestamp(value: Any, at: str) -> Iterator[str]:
    """A timestamp."""
    if not is_timestamp(value):
        yield f"{at} is no timestamp: {value!r}"


def flag(value: Any, at: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield f"{at} is neither true nor false: {value!r}"


def count(value: Any, at: str) -> Iterator[str]:
    """A whole number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        yield f"{at} is no count: {value!r}"


def mapping(value: Any, at: str) -> Iterator[str]:
    """Any object."""
    if not isinstance(value, dict):
        yield f"{at} is no object: {value!r}"


def one_of(values: set[str]) -> Check:
    """One of these texts."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str) or value not in values:
            yield f"{at} is none of {sorted(values)}: {value!r}"

    return check


def or_null(inner: Check) -> Check:
    """The same, or null."""
    return lambda value, at: iter(()) if value is None else inner(value, at)


def if_there(inner: Check) -> Check:
    """The same, or nothing at all."""
    return lambda value, at: iter(()) if value is MISSING else inner(value, at)


def array(inner: Check) -> Check:
    """A list of the same."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{at} is no array: {value!r}"
            return
        for position, item in enumerate(value):
            yield from inner(item, f"{at}[{position}]")

    return check


def members(checks: Mapping[str, Check]) -> Check:
    """An object with these members; others may be there too."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at} is no object: {value!r}"
            return
        for name, inner in checks.items():
            found = value.get(name, MISSING)
            yield from (
                [f"{at}.{name} is missing"]
                if found is MISSING and not optional(inner)
                else inner(found, f"{at}.{name}")
            )

    return check


def optional(check: Check) -> bool:
    """Whether a check accepts that its member is not there."""
    return not list(check(MISSING, ""))


MAYBE_TEXT = if_there(or_null(text))
USER = members({"userId": text, "fullName": MAYBE_TEXT, "email": MAYBE_TEXT, "avatar": MAYBE_TEXT})
SENT_USER = members({"userId": text, "fullName": or_null(text), "email": or_null(text), "avatar": or_null(text)})
CONTEXT = members({"id": text, "name": text})
LAST_UPDATED = members(
    {
        "dataLastUpdatedAt": or_null(text),
        "computedAt": text,
        "coverage": one_of({"complete", "partial", "unavailable"}),
    }
)

# 3.1. A browser's session has neither authFlow nor apiKeyId; the client itself wants both.
KEY_CONTEXT = members(
    {
        "userId": text,
        "projectId": text,
        "apiKeyId": text,
        "authFlow": one_of({"api_key"}),
        "email": MAYBE_TEXT,
        "fullName": MAYBE_TEXT,
        "avatar": MAYBE_TEXT,
        "projectTitle": MAYBE_TEXT,
        "roles": array(text),
    }
)

# 3.2
MART = members(
    {
        "id": text,
        "title": text,
        "status": one_of({"DRAFT", "PUBLISHED"}),
        "storage": members({"type": one_of(STORAGE_TYPES), "title": text}),
        "description": or_null(text),
        "definitionType": if_there(or_null(one_of(DEFINITION_TYPES))),
        "connectorSourceName": if_there(text),
        "triggersCount": count,
        "reportsCount": count,
        "createdByUser": or_null(USER),
        "businessOwnerUsers": array(USER),
        "technicalOwnerUsers": array(USER),
        "createdAt": timestamp,
        "modifiedAt": timestamp,
        "contexts": array(CONTEXT),
        "availableForReporting": flag,
        "availableForMaintenance": flag,
        "dataLastUpdated": or_null(LAST_UPDATED),
    }
)
MART_ORDER = [
    "id", "title", "status", "storage", "description", "definitionType", "triggersCount", "reportsCount",
    "createdByUser", "businessOwnerUsers", "technicalOwnerUsers", "createdAt", "modifiedAt", "contexts",
    "availableForReporting", "availableForMaintenance", "dataLastUpdated",
]  # fmt: skip
MART_PAGE = members({"items": array(MART), "total": count, "nextOffset": or_null(count)})

# 3.4 and 3.5. Clients check only that these are arrays; the items are what the server of the contract sends.
STORAGES = array(
    members(
        {
            "id": text,
            "title": text,
            "type": text,
            "createdAt": timestamp,
            "modifiedAt": timestamp,
            "publishedDataMartsCount": count,
            "draftDataMartsCount": count,
            "createdByUser": or_null(SENT_USER),
            "ownerUsers": array(SENT_USER),
            "contexts": array(CONTEXT),
            "availableForUse": flag,
            "availableForMaintenance": flag,
        }
    )
)
DESTINATIONS = array(
    members(
        {
            "id": text,
            "title": text,
            "type": one_of(DESTINATION_TYPES),
            "projectId": text,
            "credentials": mapping,
            "createdAt": timestamp,
            "modifiedAt": timestamp,
            "credentialId": or_null(text),
            "createdByUser": or_null(SENT_USER),
            "ownerUsers": array(SENT_USER),
            "availableForUse": flag,
            "availableForMaintenance": flag,
            "contexts": array(CONTEXT),
            "config": mapping,
        }
    )
)


def problems(check: Check, answer: Any) -> list[str]:
    """Everything that a client would not accept in an answer."""
    return list(check(answer, "$"))


def page_problems(answer: Any, offset: int = 0) -> list[str]:
    """The same for a page of data marts that begins at ``offset``: order of members, and where the next page is."""
    found = problems(MART_PAGE, answer)
    if found:
        return found
    items, total, following = answer["items"], answer["total"], answer["nextOffset"]
    end = offset + len(items)
    if len(items) > 1000:
        found.append(f"$.items has {len(items)} items, a page has 1000")
    if following != (end if items and end < total else None):
        found.append(f"$.nextOffset is {following!r} after {end} of {total}")
    ranks = [(item["createdAt"], item["id"]) for item in items]
    if ranks != sorted(sorted(ranks, key=lambda rank: rank[1]), key=lambda rank: rank[0], reverse=True):
        found.append("$.items are not ordered by createdAt, newest first, then by id")
    found += [
        f"$.items[{at}] has its members in another order"
        for at, item in enumerate(items)
        if [name for name in item if name in MART_ORDER] != MART_ORDER
    ]
    return found
