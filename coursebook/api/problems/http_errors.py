"""Refusals that exist only over HTTP; all others are in `coursebook.errors`."""

from coursebook.errors import CoursebookError, NotFound


class BadSignature(CoursebookError):
    """A webhook call that is not from Stripe, or not an event."""

    code, status, title = "bad_webhook", 400, "Not an event from Stripe"
    sentence = "The signature is missing, wrong or too old, or the body is not an event."


class UnknownRoute(NotFound):
    """The API has no such path."""

    code, title = "not_found", "No such endpoint"
    sentence = "The API has no such endpoint. /api/docs lists all of them."


class MethodNotAllowed(CoursebookError):
    """The path exists, but not for this method; `Allow` lists its methods."""

    code, status, title = "method_not_allowed", 405, "Method not allowed"
    sentence = (
        "This endpoint does not support this method; the Allow header lists the supported ones."
    )


class TooSlow(CoursebookError):
    """The body of a request did not arrive in time."""

    code, status, title = "too_slow", 408, "Too slow"
    sentence = "The request did not arrive in time. Please send it again."


class InternalError(CoursebookError):
    """An internal error, logged with the request id."""

    code, status, title = "internal_error", 500, "Something went wrong"
    sentence = "Something went wrong on our side. We have logged it under the request_id."


def every_refusal() -> list[type[CoursebookError]]:
    """Return every refusal that has its own code, sorted by status and code."""
    refusals: dict[str, type[CoursebookError]] = {}
    waiting = [CoursebookError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if "code" in vars(kind) and kind.__module__.startswith("coursebook."):
                refusals.setdefault(kind.code, kind)
    return sorted(refusals.values(), key=lambda refusal: (refusal.status, refusal.code))
