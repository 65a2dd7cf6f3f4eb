"""One field of a data mart: whether readers see it, what it is called in words, and what may be computed over it."""

from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, SelectMultipleField, TextAreaField
from wtforms.validators import ValidationError

from owox.access import acting, caller, member
from owox.models import DataMart, db, writing
from owox.reading.fields import Field, allowed, field_of, supported
from owox.roles import Action, Role
from owox.services import mart_definitions, marts
from owox.services.errors import NotFound, Problem
from owox.services.mart_definitions import DESCRIPTION_MAX, FieldSettings
from owox.web.forms import Form, message
from owox.web.mart_answers import changed
from owox.web.mart_forms import check_text, lines
from owox.web.screen import answer

blueprint = Blueprint("mart_fields", __name__, url_prefix="/projects/<project_id>/data-marts/<mart_id>/field")


class FieldForm(Form):
    """What a member sets of one field."""

    name = HiddenField()
    hidden = BooleanField("Hidden from readers")
    description = TextAreaField("Description (optional)")
    choice = RadioField("Aggregates that readers may use", default="usual", validate_choice=False)
    aggregations = SelectMultipleField("Aggregates", validate_choice=False)

    def __init__(self, field: Field, **options: Any) -> None:
        super().__init__(**options)
        usual = allowed(Field(field.name, field.type))
        self.choice.choices = [
            SelectChoice("usual", f"The usual ones: {', '.join(usual)}"),
            SelectChoice("chosen", "Chosen ones"),
        ]
        self.aggregations.choices = [SelectChoice(function.value, function.value) for function in supported(field.type)]

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "FieldForm":
        """What is set of a field."""
        field = field_of(kept)
        return cls(
            field,
            formdata=None,
            name=field.name,
            hidden=field.hidden,
            description=kept.get("description") or "",
            choice="usual" if field.aggregations is None else "chosen",
            aggregations=[function.value for function in allowed(field)],
        )

    def validate_description(self, field: TextAreaField) -> None:
        """Up to 2,000 characters."""
        field.data = lines(field.data).strip()
        check_text(field.data, DESCRIPTION_MAX)

    def validate_choice(self, field: RadioField) -> None:
        """One of the two."""
        if field.data not in {"usual", "chosen"}:
            raise ValidationError(message(Problem.UNKNOWN))

    def validate_aggregations(self, field: SelectMultipleField) -> None:
        """What can be computed over the field's type, and nothing else."""
        if set(field.data or ()) - {each.value for each in field.choices}:
            raise ValidationError(message(Problem.UNKNOWN))

    @property
    def settings(self) -> FieldSettings:
        """The same in the words of the service."""
        chosen = tuple(self.aggregations.data or ()) if self.choice.data == "chosen" else None
        return FieldSettings(self.name.data, self.hidden.data, self.description.data or None, chosen)


@blueprint.get("")
@member(Role.EDITOR)
def edit_form(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Ask what to set of a field."""
    mart = _editable(mart_id)
    return _editing(FieldForm.of(_kept(mart, request.args.get("name", ""))), mart)


@blueprint.post("")
@member(Role.EDITOR)
def edit(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Set it."""
    mart = _editable(mart_id)
    form = FieldForm(field_of(_kept(mart, request.form.get("name", ""))))
    if not form.validate():
        return _editing(form, mart, 422)
    with writing(db.session()) as session:
        mart_definitions.set_fields(session, acting(), mart_id, [form.settings])
    return changed(mart_id, "field", "mart-changed, rows-changed")


def _editable(mart_id: str) -> DataMart:
    return marts.get(db.session(), caller(), mart_id, Action.EDIT)


def _kept(mart: DataMart, name: str) -> dict[str, Any]:
    for kept in mart.fields:
        if kept["name"] == name:
            return kept
    raise NotFound("This data mart has no such field any more.")


def _editing(form: FieldForm, mart: DataMart, status: int = 200) -> Response:
    kept = _kept(mart, form.name.data)
    return answer("mart_fields/edit.html", "mart_fields/_edit.html", status, form=form, mart=mart, field=kept)
