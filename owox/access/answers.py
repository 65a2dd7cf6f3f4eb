"""Which HTTP answer each error means, for pages and JSON alike; how it is written is theirs."""

import logging
from typing import Any, Final

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


class TooMany(http.TooManyRequests):
    """More than a limit allows."""

    def __init__(self, throttled: errors.Throttled) -> None:
        super().__init__(f"Too many {throttled.what}. Wait {throttled.retry_after} seconds.")
        self._headers = limit_headers(throttled)

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """Those of every error, and those of the limit."""
        return [*super().get_headers(*args, **kwargs), *self._headers.items()]


def limit_headers(throttled: errors.Throttled) -> dict[str, str]:
    """Which limit was reached, and when to come back (RFC 6585, 4; draft-ietf-httpapi-ratelimit-headers-10)."""
    limit, wait = throttled.limit, throttled.retry_after
    window = "" if limit.seconds is None else f";w={limit.seconds}"
    return {
        "Retry-After": str(wait),
        "RateLimit-Policy": f'"{limit.name}";q={limit.most}{window}',
        "RateLimit": f'"{limit.name}";r=0;t={wait}',
    }


def as_http(error: Exception) -> HTTPException:
    """The HTTP error that an exception means; anything unforeseen is logged and becomes a bare 500."""
    if isinstance(error, CSRFError):
        return FormRefused()
    if isinstance(error, HTTPException):
        return error
    if isinstance(error, errors.Throttled):
        return TooMany(error)
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
