"""The forms about a destination: its title, and what it is reached with."""

import re
from typing import Any, Final

from wtforms import RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import ValidationError

from owox.models import Destination
from owox.services import destination_settings
from owox.services.destinations import NewDestination
from owox.services.errors import Problem
from owox.web.forms import TitleForm, message
from owox.web.key_forms import FormOnce

ENTERED: Final = {
    "GOOGLE_SHEETS": "serviceAccountKey",
    "EMAIL": "to",
    "SLACK": "webhookUrl",
    "MS_TEAMS": "webhookUrl",
    "GOOGLE_CHAT": "webhookUrl",
}


class SecretField(StringField):  # type: ignore[misc]  # WTForms has no types.
    """A line that no page gives back."""

    def _value(self) -> str:
        return ""


class SecretAreaField(TextAreaField):  # type: ignore[misc]
    """Lines that no page gives back."""

    def _value(self) -> str:
        return ""


class DestinationForm(TitleForm):
    """What can be said of a destination of any kind; ``kind`` says which field counts."""

    key = SecretAreaField("Key file", name="serviceAccountKey")
    to = TextAreaField("To")
    webhook = SecretField("Webhook address", name="webhookUrl")
    kind: str = ""
    keeps = False  # whether what is left empty stays as it is

    def validate_key(self, field: SecretAreaField) -> None:
        """Something, where it is asked for; the service says whether it is that."""
        self._check_entered(field, "what the key file holds", may_stay=True)

    def validate_to(self, field: TextAreaField) -> None:
        """Addresses, where they are asked for."""
        self._check_entered(field, "one e-mail address at least", may_stay=False)

    def validate_webhook(self, field: SecretField) -> None:
        """An address, where it is asked for."""
        self._check_entered(field, "the webhook's address", may_stay=True)

    def _check_entered(self, field: StringField, what: str, *, may_stay: bool) -> None:
        if ENTERED.get(self.kind) == field.name and not (field.data or "").strip() and not (may_stay and self.keeps):
            raise ValidationError(message(Problem.EMPTY, what))

    @property
    def credentials(self) -> dict[str, Any]:
        """What was entered, in the words of the service."""
        name = ENTERED.get(self.kind)
        if name == "to":
            return {"to": [address for address in re.split(r"[\s,;]+", self.to.data or "") if address]}
        if name is None:
            return {}
        return {name: ((self.key if name == "serviceAccountKey" else self.webhook).data or "").strip()}


class CreateForm(FormOnce, DestinationForm):
    """A new destination."""

    type = RadioField(
        "Type",
        choices=[SelectChoice(*each) for each in destination_settings.TYPE_TITLES.items()],
        default=destination_settings.TYPES[0],
        validate_choice=False,
    )

    @property
    def kind(self) -> str:  # type: ignore[override]
        """The type that is chosen."""
        return self.type.data or ""

    def validate_type(self, field: RadioField) -> None:
        """One of the six."""
        if field.data not in destination_settings.TYPES:
            raise ValidationError(message(Problem.UNKNOWN))

    @property
    def wanted(self) -> NewDestination:
        """What to create, once the form is valid."""
        return NewDestination(self.kind, self.title.data, self.credentials, self.token)


class EditForm(DestinationForm):
    """Another title, or something else to reach the destination with."""

    keeps = True

    def __init__(self, destination: Destination, **options: Any) -> None:
        super().__init__(**options)
        self.kind = destination.type
        self.keeps = destination.secret is not None

    @classmethod
    def of(cls, destination: Destination) -> "EditForm":
        """The form as it is before anybody types; secrets are in no form."""
        to = "\n".join(destination.config.get("to", ()))
        return cls(destination, formdata=None, title=destination.title, to=to)

    @property
    def changes(self) -> dict[str, Any]:
        """Title and credentials; None for what is left empty, and stays."""
        entered = self.credentials
        return {"title": self.title.data, "credentials": entered if any(entered.values()) else None}
