"""The wire to Stripe, with a note of every answer."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import stripe
import structlog

log = structlog.get_logger("coursebook.stripe")

Noted = Callable[[str], None]


class NotedHttp(stripe.HTTPXClient):
    """Stripe's own HTTP client; `noted` is told the kind of each answer, also of each retry.

    The log gets Stripe's name of each call beside our own request id: it stands in Stripe's
    Dashboard, and in the events that a call causes.
    """

    def __init__(self, timeout: float, noted: Noted) -> None:
        super().__init__(timeout=timeout)
        self._noted = noted

    async def request_async(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        post_data: Any = None,  # noqa: ANN401 - Stripe's own signature
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Make one call. Raises what Stripe's client raises when no answer comes."""
        try:
            content, status, answered = await super().request_async(method, url, headers, post_data)
        except stripe.APIConnectionError:
            self._noted("none")
            log.warning("stripe.silent", call=_call(method, url))
            raise
        self._noted(kind_of(status))
        theirs = answered.get("Request-Id")
        log.info("stripe.answered", call=_call(method, url), status=status, stripe_request=theirs)
        return content, status, answered


def kind_of(status: int) -> str:
    """Return the word for an HTTP status; the one that asks us to slow down stands alone."""
    return "429" if status == HTTPStatus.TOO_MANY_REQUESTS else f"{status // 100}xx"


def _call(method: str, url: str) -> str:
    """Return a call without its parameters, which may name people."""
    return f"{method.upper()} {urlsplit(url).path}"
