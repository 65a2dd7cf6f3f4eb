"""The forms about a storage: its title, and what it is opened with."""

from collections.abc import Mapping
from typing import Any, Final

from wtforms import Field, PasswordField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import ValidationError

from owox.models import Storage, StorageType
from owox.services import storages
from owox.services.database_address import PARTS, PORT, TLS_MODES
from owox.services.errors import Problem
from owox.services.storages import NewStorage
from owox.web.forms import TitleForm, message
from owox.web.key_forms import FormOnce

_TLS: Final = {
    "prefer": "If the server offers it (prefer)",
    "require": "Required (require)",
    "verify-ca": "Required, and its certificate is checked (verify-ca)",
    "verify-full": "Required, and its certificate and name are checked (verify-full)",
    "allow": "Only if the server insists (allow)",
    "disable": "Never (disable)",
}


class StorageForm(TitleForm):
    """What can be said of a storage of either kind; ``kind`` says which fields count."""

    path = StringField("Path")
    host = StringField("Host")
    port = StringField("Port", default=str(PORT))
    database = StringField("Database")
    user = StringField("User")
    password = PasswordField("Password")
    sslmode = SelectField("TLS", choices=[SelectChoice(*each) for each in _TLS.items()], validate_choice=False)
    kind: str = ""

    def validate_path(self, field: StringField) -> None:
        """Something, where a path is asked for; the service says whether it may be that."""
        self._check_entered(field, "a path", for_server=False)

    def validate_host(self, field: StringField) -> None:
        """Something, where a server is asked for."""
        self._check_entered(field, f"a {field.label.text.lower()}", for_server=True)

    validate_database = validate_user = validate_host

    def _check_entered(self, field: Field, what: str, *, for_server: bool) -> None:
        if (self.kind == StorageType.POSTGRESQL) is for_server and not (field.data or "").strip():
            raise ValidationError(message(Problem.EMPTY, what))

    @property
    def config(self) -> dict[str, Any]:
        """What was entered, in the words of the service."""
        if self.kind == StorageType.POSTGRESQL:
            return {name: self[name].data or "" for name in PARTS}
        return {"path": self.path.data or ""}


class CreateForm(FormOnce, StorageForm):
    """A new storage."""

    type = RadioField(
        "Type",
        choices=[SelectChoice(*each) for each in storages.TYPE_TITLES.items()],
        default=StorageType.DUCKDB.value,
        validate_choice=False,
    )

    @property
    def kind(self) -> str:  # type: ignore[override]
        """The type that is chosen."""
        return self.type.data or ""

    def validate_type(self, field: RadioField) -> None:
        """One of those that can be read."""
        if field.data not in list(StorageType):
            raise ValidationError(message(Problem.UNKNOWN))

    def validate_password(self, field: PasswordField) -> None:
        """A new address has a password."""
        if self.kind == StorageType.POSTGRESQL and not field.data:
            raise ValidationError(message(Problem.EMPTY, "the password"))

    @property
    def wanted(self) -> NewStorage:
        """What to create, once the form is valid."""
        return NewStorage(self.kind, self.title.data, self.config, self.token)


class EditForm(StorageForm):
    """Another title, or something else to open the storage with."""

    def __init__(self, storage: Storage, **options: Any) -> None:
        super().__init__(**options)
        self.kind = storage.type
        self._before = _texts(storage.config)

    @classmethod
    def of(cls, storage: Storage) -> "EditForm":
        """The form as it is before anybody types; a password is in no form."""
        return cls(storage, formdata=None, title=storage.title, **_texts(storage.config))

    @property
    def changes(self) -> dict[str, Any]:
        """Title, and what to open it with: None if that is as before, since others may name what a member may not."""
        typed = {name: text.strip() for name, text in self.config.items() if name != "password"}
        same = typed == self._before and not self.password.data
        return {"title": self.title.data, "config": None if same else self.config}


def _texts(config: Mapping[str, Any]) -> dict[str, str]:
    usual = {"sslmode": TLS_MODES[0]} if "host" in config else {}
    return usual | {name: str(value) for name, value in config.items()}
