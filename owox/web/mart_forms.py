"""The forms about a data mart, but those of its definition and fields."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import BooleanField, SelectChoice, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import ValidationError

from owox.models import DataMart, Storage, StorageType
from owox.roles import Owner
from owox.services import marts
from owox.services.errors import Problem
from owox.services.member_list import MemberInfo
from owox.services.storages import TYPE_TITLES
from owox.web.forms import Form, TitleForm, message
from owox.web.key_forms import FormOnce


def lines(text: str | None) -> str:
    """Text of a field of several lines as it is kept: browsers send CRLF at the end of each."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


def check_text(text: str, limit: int) -> None:
    """Refuse what is too long, and NUL, which no database here keeps in text."""
    if "\0" in text:
        raise ValidationError("Remove the NUL character.")
    if len(text) > limit:
        raise ValidationError(message(Problem.TOO_LONG, limit=limit))


class CreateForm(FormOnce, TitleForm):
    """Title and storage of a new data mart."""

    storage = SelectField("Storage", validate_choice=False)

    def __init__(self, storages: Iterable[Storage], **options: Any) -> None:
        super().__init__(**options)
        self.storage.choices = [SelectChoice(each.id, _named(each)) for each in storages]

    def validate_storage(self, field: SelectField) -> None:
        """One of those that the member may use."""
        if field.data not in [each.value for each in field.choices]:
            raise ValidationError("Choose a storage.")


class DetailsForm(TitleForm):
    """Title and description."""

    description = TextAreaField("Description (optional)")

    def validate_description(self, field: TextAreaField) -> None:
        """Up to 10,000 characters, on as many lines as one likes."""
        field.data = lines(field.data).strip()
        check_text(field.data, marts.DESCRIPTION_MAX)


class SharingForm(Form):
    """The two sharing flags."""

    reporting = BooleanField("Shared for reporting")
    maintenance = BooleanField("Shared for maintenance")


class OwnersForm(Form):
    """Technical and business owners, out of the members of the project."""

    technical = SelectMultipleField("Technical owners", validate_choice=False)
    business = SelectMultipleField("Business owners", validate_choice=False)

    def __init__(self, people: Sequence[MemberInfo], **options: Any) -> None:
        super().__init__(**options)
        self.people = people

    @classmethod
    def of(cls, mart: DataMart, people: Sequence[MemberInfo]) -> "OwnersForm":
        """The owners that a data mart has."""
        kinds = {kind: [owner.member_id for owner in mart.owners if owner.kind == kind] for kind in Owner}
        return cls(people, formdata=None, technical=kinds[Owner.TECHNICAL], business=kinds[Owner.BUSINESS])

    def validate_technical(self, field: SelectMultipleField) -> None:
        """Members who are there and not disabled."""
        if set(field.data or ()) - {person.id for person in self.people}:
            raise ValidationError("Somebody chosen is no member any more. Look through the list again.")

    validate_business = validate_technical

    @property
    def wanted(self) -> Mapping[Owner, list[str]]:
        """Who shall own it, and how."""
        return {Owner.TECHNICAL: self.technical.data or [], Owner.BUSINESS: self.business.data or []}

    def leaving(self, mart: DataMart) -> set[str]:
        """The names of owners who can own nothing any more."""
        lasting = {person.id for person in self.people}
        return {owner.member.name for owner in mart.owners if owner.member_id not in lasting}


def _named(storage: Storage) -> str:
    return f"{storage.title} ({TYPE_TITLES[StorageType(storage.type)]})"
