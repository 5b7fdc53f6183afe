"""Error responses of the stand-in for Stripe, in Stripe's own format.

StripeRefusal
  400 invalid_request_error   a bad parameter, or a state that does not allow the call
  401 invalid_request_error   no key, or a wrong one
  404 invalid_request_error   unknown id (`resource_missing`) or unknown address
  400 idempotency_error       one key, two different requests
  409 invalid_request_error   one key, two requests at once
"""

from typing import Any


class StripeRefusal(Exception):
    """An error response of the API."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        remembered: bool = True,
    ) -> None:
        """Create an error; a `remembered` one is replayed for the same idempotency key."""
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.remembered = remembered

    def body(self) -> dict[str, Any]:
        """Return the JSON body that Stripe would send."""
        error = {"code": self.code, "message": self.message, "param": self.param, "type": self.kind}
        return {"error": {key: value for key, value in error.items() if value is not None}}


def missing(noun: str, key: str, param: str) -> StripeRefusal:
    """Return the error for an unknown id."""
    return StripeRefusal(
        f"No such {noun}: '{key}'", status=404, code="resource_missing", param=param
    )


def bad_parameter(message: str, param: str, code: str | None = None) -> StripeRefusal:
    """Return the error for an invalid parameter; Stripe does not replay these."""
    return StripeRefusal(message, code=code, param=param, remembered=False)
