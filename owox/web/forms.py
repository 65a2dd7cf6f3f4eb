"""What the forms share: how a service's refusal of a value becomes a message beside its field."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask_wtf import FlaskForm
from wtforms import Field, StringField, ValidationError

from owox.services import names
from owox.services.errors import BadSetting, Invalid, Problem

_MESSAGES: Final = {
    Problem.EMPTY: "Enter {what}.",
    Problem.TOO_LONG: "This is too long. Use at most {limit} characters.",
    Problem.TOO_SHORT: "This is too short. Use at least {limit} characters.",
    Problem.CONTROL: "Remove the line breaks and other control characters.",
    Problem.NOT_A_DATE: "This is no day of the calendar. Choose one, or write it like 2027-12-31.",
    Problem.PAST: "This moment has passed. Choose a later one.",
    Problem.NOT_AN_EMAIL: "This is not an e-mail address, such as ann@example.com.",
    Problem.TOO_COMMON: "This is too easy to guess. Use several unrelated words.",
    Problem.UNKNOWN: "This is not one of the choices.",
}


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types.
    """A form with its CSRF token."""


class TitleForm(Form):
    """The title of a thing."""

    title = StringField("Title")

    def validate_title(self, field: StringField) -> None:
        """1 to 255 characters."""
        checked(lambda: names.clean_title(field.data or ""), "a title", names.TITLE_MAX)


AnyForm = TypeVar("AnyForm", bound=Form)


def message(problem: Problem, what: str = "a value", limit: int = 0) -> str:
    """What is wrong with a value, and what to do, in one sentence or two."""
    return _MESSAGES[problem].format(what=what, limit=limit)


def waiting(seconds: int) -> str:
    """What to do after too many failed attempts."""
    minutes = -(-seconds // 60)
    wait = f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"There were too many failed attempts. Wait {wait}, then try again."


def checked(check: Callable[[], Any], what: str, limit: int = 0) -> Any:
    """Run a service's check of one field; raise WTForms' error with the message for it."""
    try:
        return check()
    except Invalid as invalid:
        raise ValidationError(message(invalid.problem, what, limit)) from None


def blame(form: AnyForm, field: Field, text: str) -> AnyForm:
    """Put a message beside a field after the fact."""
    field.errors = [text]
    return form


def blame_setting(form: AnyForm, error: BadSetting) -> AnyForm:
    """Put what a service says of a setting beside the field of that name, in the field's own words.

    Passes the error on when there is no such field.
    """
    name = error.field.rpartition(".")[2]
    field = next((field for field in form if field.name == name), None)
    if field is None:
        raise error
    rest = str(error).removeprefix(error.field).lstrip(" :")
    return blame(form, field, f"{field.label.text} {rest}")
