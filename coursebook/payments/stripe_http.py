"""Stripe's HTTP client, with a log line and a count for every answer."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import stripe
import structlog

log = structlog.get_logger("coursebook.stripe")

OnAnswer = Callable[[str], None]


class CountingHttp(stripe.HTTPXClient):
    """Stripe's own HTTP client. `on_answer` gets the kind of each answer, including retries.

    The log line has Stripe's request id beside ours. Stripe's Dashboard shows that id, and the
    events that a call causes carry it.
    """

    def __init__(self, timeout: float, on_answer: OnAnswer) -> None:
        super().__init__(timeout=timeout)
        self._on_answer = on_answer

    async def request_async(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        post_data: Any = None,  # noqa: ANN401 - Stripe's own signature
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Make one call. Raises the errors of Stripe's client when there is no response."""
        try:
            content, status, answer_headers = await super().request_async(
                method, url, headers, post_data
            )
        except stripe.APIConnectionError:
            self._on_answer("none")
            log.warning("stripe.failed", call=_call(method, url))
            raise
        self._on_answer(kind_of(status))
        stripe_request = answer_headers.get("Request-Id")
        log.info(
            "stripe.answered", call=_call(method, url), status=status, stripe_request=stripe_request
        )
        return content, status, answer_headers


def kind_of(status: int) -> str:
    """Return the kind of an HTTP status, such as `2xx`; 429 (slow down) is its own kind."""
    return "429" if status == HTTPStatus.TOO_MANY_REQUESTS else f"{status // 100}xx"


def _call(method: str, url: str) -> str:
    """Return method and path, without parameters, which may hold personal data."""
    return f"{method.upper()} {urlsplit(url).path}"
