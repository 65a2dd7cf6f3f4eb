"""The password once more, where a secret is about to be made and the last time is long ago (L10)."""

from dataclasses import replace
from typing import Final

from flask import Response, after_this_request, g
from wtforms import PasswordField
from wtforms.validators import ValidationError

from owox.access import actor, now, services, signed_in_recently, visitor
from owox.access.answers import limit_headers
from owox.models import db, writing
from owox.services import sign_ins
from owox.services.errors import Refused, Throttled
from owox.web.forms import Form, waiting

_WHY: Final = f"You were last asked for it more than {sign_ins.RECENT.seconds // 60} minutes ago."


class ProofFields(Form):
    """The password; asked for, and looked at, only where the sign-in is not recent."""

    password = PasswordField("Your password")

    @property
    def asks_for_proof(self) -> bool:
        """Whether the form needs it."""
        return not signed_in_recently()

    @property
    def owner(self) -> str:
        """The e-mail address of the member whose password it is."""
        return visitor().email

    @property
    def why_asked(self) -> str:
        """What stands beside it."""
        return _WHY

    def validate_password(self, field: PasswordField) -> None:
        """Right, if it is asked for; then the sign-in is recent again, whatever becomes of the rest of the form."""
        if self.asks_for_proof:
            _prove(field.data or "")


def _prove(password: str) -> None:
    me, address = visitor(), actor().address
    if not password:
        raise ValidationError(f"Enter your password. {_WHY}")
    try:
        sign_ins.check_password(db.session(), me.email, password, services().throttle, address)
    except Throttled as throttled:
        _answer_as(throttled)
        raise ValidationError(waiting(throttled.retry_after)) from None
    except Refused:
        with writing(db.session()) as session:
            sign_ins.note_no_proof(session, me, actor(), now())
        raise ValidationError("This is not your password.") from None
    with writing(db.session()) as session:
        sign_ins.prove(session, me, actor(), now())
    g.visitor = replace(me, proven_at=now())


def _answer_as(throttled: Throttled) -> None:
    """The form comes back as after any mistake, and with the status and headers of a limit."""

    @after_this_request
    def tell(response: Response) -> Response:
        response.status_code = 429
        response.headers.extend(limit_headers(throttled))
        return response
