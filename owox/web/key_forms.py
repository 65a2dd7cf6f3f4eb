"""The forms about API keys."""

import re
from datetime import datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID, uuid5

from flask import abort
from wtforms import Field, HiddenField, RadioField, SelectChoice, StringField
from wtforms.validators import ValidationError

from owox import keys
from owox.access import browser, caller, now
from owox.services import expiry, names
from owox.services.errors import Problem
from owox.services.keys import Wanted
from owox.services.rotation import Rotation
from owox.web import times
from owox.web.forms import Form, checked, message
from owox.web.proof import ProofFields

_FORM_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_KEPT: Final = "kept"
_ON_DATE: Final = "date"
_PRESETS: Final = {
    "": "Never",
    "7": "7 days",
    "30": "30 days",
    "90": "90 days",
    "365": "One year",
    _ON_DATE: "On a date",
}
_OVERLAPS: Final = {"0": "No, end it now", "3600": "1 hour", "86400": "24 hours", "604800": "7 days"}


def _radio(label: str, choices: dict[str, str]) -> RadioField:
    """Choices of which the first is the usual one; what is none of them is refused by the form, with our message."""
    options = [SelectChoice(*choice) for choice in choices.items()]
    return RadioField(label, choices=options, default=next(iter(choices)), validate_choice=False)


class NameField(Form):
    """What a key is called."""

    name = StringField("Name")

    def validate_name(self, field: StringField) -> None:
        """1 to 100 characters."""
        checked(lambda: names.clean_name(field.data or "", keys.NAME_MAX), "a name", keys.NAME_MAX)


class ExpiryFields(Form):
    """When a key ends. ``kept_at`` is what the choice to keep an expiry means; without it that is not offered."""

    expires = _radio("Expires (optional)", _PRESETS)
    expires_on = StringField("Last day")
    expires_at: datetime | None = None
    kept_as = ""

    def __init__(self, *args: Any, kept_at: datetime | None = None, **values: Any) -> None:
        if kept_at is None:
            values.setdefault("expires", "")
        super().__init__(*args, **values)
        self.kept_at = kept_at

    def validate_expires(self, field: RadioField) -> None:
        """A preset; what it means is worked out here."""
        at, choice = now(), field.data or ""
        if choice not in [option.data for option in field]:
            raise ValidationError(message(Problem.UNKNOWN))
        if choice == _KEPT:
            self.expires_at = self.kept_at
        elif choice.isdecimal():
            self.expires_at = expiry.after_days(int(choice), at)

    def validate_expires_on(self, field: StringField) -> None:
        """A day that is not over yet, if a date was chosen."""
        if self.expires.data == _ON_DATE:
            text = (field.data or "").strip()
            self.expires_at = checked(lambda: expiry.end_of_day(text, times.zone(), now()), "a day")

    @property
    def offered(self) -> list[Field]:
        """The choices that make sense."""
        return [choice for choice in self.expires if choice.data != _KEPT or self.kept_at]

    @property
    def today(self) -> str:
        """The first day that can be chosen, in the member's time zone."""
        return now().astimezone(times.zone()).date().isoformat()

    @property
    def example(self) -> datetime:
        """What "30 days" means now."""
        return now() + timedelta(days=30)


class FormOnce(Form):
    """A form that makes something, with a token of its own, by which the server knows it when it comes twice."""

    form_token = HiddenField()

    @classmethod
    def new(cls, **values: Any) -> Self:
        """A form that was never sent."""
        return cls(formdata=None, form_token=browser.new_form_token(), **values)

    @property
    def token(self) -> str:
        """The token, bound to the membership, so that nobody can spoil another's."""
        if not _FORM_TOKEN.fullmatch(self.form_token.data or ""):
            abort(400)
        return str(uuid5(UUID(caller().membership_id), self.form_token.data))


class KeyOnce(FormOnce, ProofFields):
    """A form that makes a key."""


class CreateForm(NameField, ExpiryFields, KeyOnce):
    """Name and expiry of a new key."""

    @property
    def wanted(self) -> Wanted:
        """What to create, once the form is valid."""
        return Wanted(self.name.data or "", self.expires_at, self.token)


class RotateForm(ExpiryFields, KeyOnce):
    """The expiry of a key's successor, and for how long the old key goes on."""

    expires = _radio("The new key expires", {_KEPT: "As before"} | _PRESETS)
    kept_as = "“As before” is the same length of life counted from now, until"
    overlap = _radio("Keep the old key working", _OVERLAPS)

    def validate_overlap(self, field: RadioField) -> None:
        """One of the choices."""
        if field.data not in _OVERLAPS:
            raise ValidationError(message(Problem.UNKNOWN))

    @property
    def wanted(self) -> Rotation:
        """What to do, once the form is valid."""
        return Rotation(self.expires_at, timedelta(seconds=int(self.overlap.data)), self.token)


class ExpiryForm(ExpiryFields):
    """Another expiry for a key."""

    expires = _radio("Expires", {_KEPT: "As it is"} | _PRESETS)
    kept_as = "“As it is” means until"


class RenameForm(NameField):
    """Another name for a key."""
