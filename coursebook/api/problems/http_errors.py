"""Refusals that only exist over HTTP; all others are in `coursebook.errors`."""

from coursebook.errors import CoursebookError, NotFound


class BadSignature(CoursebookError):
    """A webhook call that is not from Stripe, or not an event."""

    code, status, title = "bad_webhook", 400, "Not an event from Stripe"
    sentence = "The signature is missing, wrong or too old, or the body is not an event."


class UnknownRoute(NotFound):
    """There is no such address in the API."""

    code, title = "not_found", "No such endpoint"
    sentence = "The API has no such endpoint. /api/docs lists all of them."


class MethodNotAllowed(CoursebookError):
    """The address exists, but not for this method; `Allow` names those that do."""

    code, status, title = "method_not_allowed", 405, "Method not allowed"
    sentence = (
        "This endpoint does not support this method; the Allow header lists the supported ones."
    )


class TooSlow(CoursebookError):
    """The body of a request did not arrive in time."""

    code, status, title = "too_slow", 408, "Too slow"
    sentence = "The request did not arrive in time. Please send it again."


class InternalError(CoursebookError):
    """A mistake of ours. It was logged under the request id."""

    code, status, title = "internal_error", 500, "Something went wrong"
    sentence = "Something went wrong on our side. We have logged it under the request_id."


HTTP_ONLY: tuple[type[CoursebookError], ...] = (
    BadSignature,
    UnknownRoute,
    MethodNotAllowed,
    TooSlow,
    InternalError,
)
