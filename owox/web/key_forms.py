"""The forms about API keys, and what the list's address asks for."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar
from uuid import UUID, uuid5

from flask import abort, request, url_for
from wtforms import HiddenField, RadioField, SelectChoice, StringField
from wtforms.validators import ValidationError

from owox import keys
from owox.access import browser, caller, now
from owox.keys import State
from owox.services import expiry, names
from owox.services.audit import one_line
from owox.services.errors import Problem
from owox.services.key_list import Filter, Sort
from owox.services.keys import Wanted
from owox.web import times
from owox.web.forms import Form, checked, message

_FORM_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
Choice = TypeVar("Choice", bound=StrEnum)
_ON_DATE: Final = "date"
_PRESETS: Final = {
    "": "Never",
    "7": "7 days",
    "30": "30 days",
    "90": "90 days",
    "365": "One year",
    _ON_DATE: "On a date",
}


class FormOnce(Form):
    """A form with a token of its own, by which the server knows it when it comes twice."""

    form_token = HiddenField()

    @classmethod
    def new(cls, **values: Any) -> "FormOnce":
        """A form that was never sent."""
        return cls(formdata=None, form_token=browser.new_form_token(), **values)

    @property
    def token(self) -> str:
        """The token, bound to the membership, so that nobody can spoil another's."""
        if not _FORM_TOKEN.fullmatch(self.form_token.data or ""):
            abort(400)
        return str(uuid5(UUID(caller().membership_id), self.form_token.data))


class CreateForm(FormOnce):
    """Name and expiry of a new key."""

    name = StringField("Name")
    expires = RadioField(
        "Expires (optional)",
        choices=[SelectChoice(*preset) for preset in _PRESETS.items()],
        default="",
        validate_choice=False,
    )
    expires_on = StringField("Last day")
    expires_at: datetime | None = None

    def validate_name(self, field: StringField) -> None:
        """1 to 100 characters."""
        _check_name(field)

    def validate_expires(self, field: RadioField) -> None:
        """A preset; what it means is worked out here."""
        at, choice = now(), field.data or ""
        if choice not in _PRESETS:
            raise ValidationError(message(Problem.UNKNOWN))
        if choice.isdecimal():
            self.expires_at = expiry.after_days(int(choice), at)

    def validate_expires_on(self, field: StringField) -> None:
        """A day that is not over yet, if a date was chosen."""
        if self.expires.data == _ON_DATE:
            text = (field.data or "").strip()
            self.expires_at = checked(lambda: expiry.end_of_day(text, times.zone(), now()), "a day")

    @property
    def wanted(self) -> Wanted:
        """What to create, once the form is valid."""
        return Wanted(self.name.data or "", self.expires_at, self.token)

    @property
    def today(self) -> str:
        """The first day that can be chosen, in the member's time zone."""
        return now().astimezone(times.zone()).date().isoformat()

    @property
    def example(self) -> datetime:
        """What "30 days" means now."""
        return now() + timedelta(days=30)


class RenameForm(Form):
    """Another name for a key."""

    name = StringField("Name")

    def validate_name(self, field: StringField) -> None:
        """1 to 100 characters."""
        _check_name(field)


class Shown(StrEnum):
    """The choices of the status filter."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    REPLACED = "replaced"
    REVOKED = "revoked"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Query:
    """What the list's address asks for; anything else in it counts as not there."""

    search: str
    shown: Shown
    sort: Sort
    number: int

    @classmethod
    def read(cls) -> "Query":
        """From the current request."""
        page = request.args.get("page", "")
        return cls(
            search=one_line(request.args.get("q", ""), keys.NAME_MAX),
            shown=_known(Shown, request.args.get("status"), Shown.ACTIVE),
            sort=_known(Sort, request.args.get("sort"), Sort.NEWEST),
            number=int(page) if re.fullmatch(r"[0-9]{1,6}", page, re.ASCII) else 1,
        )

    @property
    def filter(self) -> Filter:
        """The same in the words of the service."""
        state = None if self.shown is Shown.ALL else State(self.shown)
        return Filter(self.search, state, self.sort, self.number)

    def url(self, **changes: Any) -> str:
        """The list's address with these changes; what is as usual stays out of it."""
        values = {"q": self.search, "status": self.shown, "sort": self.sort, "page": self.number, **changes}
        usual = {"q": "", "status": Shown.ACTIVE, "sort": Sort.NEWEST, "page": 1}
        rest: dict[str, Any] = {name: str(value) for name, value in values.items() if value != usual[name]}
        return url_for("api_keys.listed", project_id=caller().project_id, **rest)

    def columns(self) -> list[tuple[str, str, str]]:
        """Heading, address that sorts by it, and how it is sorted now (for aria-sort), of each column with an order."""
        return [self._column(*column) for column in _COLUMNS]

    def _column(self, label: str, first: Sort, second: Sort) -> tuple[str, str, str]:
        direction = {True: "descending", False: "ascending"}
        now_sorted = direction[self.sort.startswith("-")] if self.sort in (first, second) else "none"
        return label, self.url(sort=second if self.sort is first else first, page=1), now_sorted


_COLUMNS: Final = (
    ("Name", Sort.NAME, Sort.NAME_DESC),
    ("Expires", Sort.EXPIRES, Sort.EXPIRES_DESC),
    ("Created", Sort.NEWEST, Sort.OLDEST),
    ("Last used", Sort.USED, Sort.USED_ASC),
)


def _known(kind: type[Choice], text: str | None, usual: Choice) -> Choice:
    return kind(text) if text in list(kind) else usual


def _check_name(field: StringField) -> None:
    checked(lambda: names.clean_name(field.data or "", keys.NAME_MAX), "a name", keys.NAME_MAX)
