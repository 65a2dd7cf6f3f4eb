"""What a data mart reads: the page of its definition, publishing it, and reading its fields from the storage again."""

import re
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import ValidationError

from owox.access import acting, caller, member, services
from owox.models import DataMart, db, writing
from owox.reading.engines import StorageError
from owox.roles import Action, Role
from owox.services import mart_definitions, marts
from owox.services.errors import BadSetting, Problem
from owox.services.mart_definitions import NAMES, Examined
from owox.web.forms import Form, blame, message
from owox.web.mart_answers import changed, refused, to_mart
from owox.web.mart_forms import check_text, lines
from owox.web.screen import answer

blueprint = Blueprint("mart_definitions", __name__, url_prefix="/projects/<project_id>/data-marts/<mart_id>")
SQL_MAX: Final = 100_000
_NAME_MAX: Final = 1_000
_KINDS: Final = [SelectChoice("SQL", "SQL query"), SelectChoice("TABLE", "Table"), SelectChoice("VIEW", "View")]
_POSITION: Final = re.compile(r"\(line ([0-9]{1,6}), column ([0-9]{1,6})\)$")
_AROUND: Final = 60


@dataclass(frozen=True, slots=True)
class Place:
    """The line of a text that an engine points at, cut to what is near, and how far in the mark below it stands."""

    number: int
    text: str
    indent: int


class DefinitionForm(Form):
    """SQL, or the name of a table or view."""

    kind = RadioField("It reads", choices=_KINDS, default="SQL", validate_choice=False)
    sql = TextAreaField("SQL")
    name = StringField("Name of the table or view")
    place: Place | None = None

    @classmethod
    def of(cls, mart: DataMart) -> "DefinitionForm":
        """The definition that a data mart has."""
        kept = mart.definition or {}
        sql, name = kept.get("sqlQuery", ""), kept.get("fullyQualifiedName", "")
        return cls(formdata=None, kind=mart.definition_type or "SQL", sql=sql, name=name)

    def validate_kind(self, field: RadioField) -> None:
        """One of the three."""
        if field.data not in NAMES:
            raise ValidationError(message(Problem.UNKNOWN))

    def validate_sql(self, field: TextAreaField) -> None:
        """Some text, if it is SQL that is wanted."""
        field.data = lines(field.data)
        if self.kind.data == "SQL":
            _check(field.data, "Enter one SELECT.", SQL_MAX)

    def validate_name(self, field: StringField) -> None:
        """Some text, if it is a name that is wanted."""
        if self.kind.data != "SQL":
            _check(field.data or "", "Enter a name, such as schema.orders.", _NAME_MAX)

    @property
    def definition(self) -> dict[str, str]:
        """What is typed, as a definition."""
        text = self.sql.data if self.kind.data == "SQL" else (self.name.data or "").strip()
        return {NAMES[self.kind.data]: text or ""}

    def refuse(self, text: str) -> "DefinitionForm":
        """Say beside the field what the storage says, and where it points."""
        if self.kind.data != "SQL":
            return blame(self, self.name, text)
        self.place = place(self.sql.data or "", text)
        return blame(self, self.sql, text)


def place(sql: str, told: str) -> Place | None:
    """The line of SQL that a message ends with, if it ends with one."""
    found, rows = _POSITION.search(told), sql.split("\n")
    if found is None or not 1 <= int(found[1]) <= len(rows):
        return None
    row, column = rows[int(found[1]) - 1].replace("\t", " "), int(found[2])
    start = max(0, column - _AROUND)
    return Place(int(found[1]), row[start : column + _AROUND], column - 1 - start)


@blueprint.get("/definition")
@member(Role.EDITOR)
def define_form(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Ask what it reads."""
    mart = _editable(mart_id)
    return _defining(DefinitionForm.of(mart), mart)


@blueprint.post("/definition")
@member(Role.EDITOR)
def define(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Let the storage check what is typed, and save it."""
    mart, form = _editable(mart_id), DefinitionForm()
    if not form.validate():
        return _defining(form, mart, 422)
    db.session.remove()  # A storage may let one wait: the database connection goes back before.
    try:
        examined = mart_definitions.examine(services().keeper, mart.storage, form.kind.data, form.definition)
    except BadSetting as wrong:
        return _defining(form.refuse(str(wrong)), mart, 422)
    except StorageError as error:
        return _defining(form, mart, 424, error.provider_message)
    with writing(db.session()) as session:
        mart_definitions.define(session, acting(), mart_id, examined)
    return to_mart(mart_id, "defined")


@blueprint.post("/publish")
@member(Role.EDITOR)
def publish(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Let its rows be read, if the storage can read them."""
    mart = _editable(mart_id)
    examined = _examined_again(mart, "Not published")
    if isinstance(examined, Response):
        return examined
    with writing(db.session()) as session:
        mart_definitions.publish(session, acting(), mart_id, examined)
    return changed(mart_id, "published", "mart-changed, rows-changed", dialog=False)


@blueprint.get("/unpublish")
@member(Role.EDITOR)
def unpublish_form(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Ask whether to make a draft of it."""
    return answer("mart_definitions/unpublish.html", "mart_definitions/_unpublish.html", mart=_editable(mart_id))


@blueprint.post("/unpublish")
@member(Role.EDITOR)
def unpublish(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Make a draft of it again."""
    with writing(db.session()) as session:
        mart_definitions.unpublish(session, acting(), mart_id)
    return changed(mart_id, "unpublished")


@blueprint.post("/refresh")
@member(Role.EDITOR)
def refresh(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Read its fields from the storage again."""
    mart = _editable(mart_id)
    examined = _examined_again(mart, "The fields stay as they were")
    if isinstance(examined, Response):
        return examined
    with writing(db.session()) as session:
        mart_definitions.refresh(session, acting(), mart_id, examined)
    return changed(mart_id, "refreshed", "mart-changed, rows-changed", dialog=False)


def _editable(mart_id: str) -> DataMart:
    return marts.get(db.session(), caller(), mart_id, Action.EDIT)


def _examined_again(mart: DataMart, title: str) -> Examined | Response:
    db.session.remove()
    try:
        return mart_definitions.examine_again(services().keeper, mart)
    except BadSetting as wrong:
        return refused(mart, title, str(wrong), 422)
    except StorageError as error:
        return refused(mart, title, f"The storage could not be read.\n{error.provider_message}", 424)


def _defining(form: DefinitionForm, mart: DataMart, status: int = 200, trouble: str = "") -> Response:
    page, part = "mart_definitions/define.html", "mart_definitions/_define.html"
    return answer(page, part, status, form=form, mart=mart, trouble=trouble)


def _check(text: str, missing: str, limit: int) -> None:
    if not text.strip():
        raise ValidationError(missing)
    check_text(text, limit)
