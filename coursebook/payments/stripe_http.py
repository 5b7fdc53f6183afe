"""The wire to Stripe, with a note of every answer."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import stripe

Noted = Callable[[str], None]


class NotedHttp(stripe.HTTPXClient):
    """Stripe's own HTTP client; `noted` is told the kind of each answer, also of each retry."""

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
            raise
        self._noted(kind_of(status))
        return content, status, answered


def kind_of(status: int) -> str:
    """Return the word for an HTTP status; the one that asks us to slow down stands alone."""
    return "429" if status == HTTPStatus.TOO_MANY_REQUESTS else f"{status // 100}xx"
