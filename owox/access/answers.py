"""Which HTTP answer each error means, for pages and JSON alike; how it is written is theirs."""

import logging
from typing import Final

from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug import exceptions as http
from werkzeug.exceptions import HTTPException

from owox.access import SignInNeeded
from owox.reading.engines import StorageError
from owox.reading.query import QueryError
from owox.services import errors

RETRY_SECONDS: Final = 5
_log = logging.getLogger(__name__)
_BUSY: Final = "The database is busy or out of reach. Nothing was changed. Try again in a few seconds."


class FormRefused(http.Forbidden):
    """A form, or a call by a browser, without the token of its sign-in."""

    description = "This form belongs to another sign-in or is damaged. Load the page again and repeat what you did."


def as_http(error: Exception) -> HTTPException:
    """The HTTP error that an exception means; anything unforeseen is logged and becomes a bare 500."""
    if isinstance(error, CSRFError):
        return FormRefused()
    if isinstance(error, HTTPException):
        return error
    if isinstance(error, errors.Throttled):
        return http.TooManyRequests(
            f"Too many {error.what}. Wait {error.retry_after} seconds.", retry_after=error.retry_after
        )
    if isinstance(error, errors.Unavailable):
        return http.ServiceUnavailable(str(error), retry_after=RETRY_SECONDS)
    if _database_is_away(error):
        return http.ServiceUnavailable(_BUSY, retry_after=RETRY_SECONDS)
    for kind, answer in _ANSWERS.items():
        if isinstance(error, kind):
            return answer(str(error))
    _log.error("unforeseen error", exc_info=error)
    return http.InternalServerError()


def _database_is_away(error: Exception) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | PoolTimeout)


_ANSWERS: Final[dict[type[Exception], type[HTTPException]]] = {
    errors.Invalid: http.UnprocessableEntity,
    errors.BadSetting: http.UnprocessableEntity,
    errors.NotFound: http.NotFound,
    errors.Conflict: http.Conflict,
    errors.Forbidden: http.Forbidden,
    errors.Refused: http.Unauthorized,
    SignInNeeded: http.Unauthorized,
    errors.Unsupported: http.BadRequest,
    QueryError: http.BadRequest,
    StorageError: http.FailedDependency,
}
