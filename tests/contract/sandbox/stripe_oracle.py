"""Stripe's SDK with every request and response checked against Stripe's own schema."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe

from tests.support.stripe_schema import check_request, check_response, kind_of

Reply = tuple[Any, int, Mapping[str, str]]


class StripeOracle:
    """Counts exchanges; raises when one does not fit Stripe's schema."""

    def __init__(self) -> None:
        self.seen = 0

    def check(self, method: str, url: str, form: object, reply: Reply) -> Reply:
        content, status, headers = reply
        parts = urlsplit(url)
        answer = json.loads(content)
        wrong = check_response(kind_of(answer), answer)
        assert not wrong, f"{method} {parts.path} got an answer with {wrong}"
        assert headers["Request-Id"].startswith("req_")
        request_errors = check_request(method.upper(), parts.path, str(form or parts.query))
        if status < 400:
            assert not request_errors, (
                f"{method} {parts.path} was accepted despite {request_errors}"
            )
        self.seen += 1
        return reply


class CheckedClient(stripe.RequestsClient):
    """The SDK's synchronous HTTP client, checked."""

    def __init__(self, oracle: StripeOracle) -> None:
        super().__init__(timeout=20)
        self.oracle = oracle

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Reply:
        reply = super().request(method, url, headers, post_data)
        return self.oracle.check(method, url, post_data, reply)


class CheckedAsyncClient(stripe.HTTPXClient):
    """The SDK's asynchronous HTTP client, checked."""

    def __init__(self, oracle: StripeOracle) -> None:
        super().__init__(timeout=20)
        self.oracle = oracle

    async def request_async(
        self, method: str, url: str, headers: Any, post_data: Any = None
    ) -> Reply:
        reply = await super().request_async(method, url, headers, post_data)
        return self.oracle.check(method, url, post_data, reply)
