"""Stripe's SDK with every request and every answer judged by Stripe's own schema."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe

from tests.support.stripe_schema import check_request, check_response, kind_of

Reply = tuple[Any, int, Mapping[str, str]]


class Judge:
    """Remembers how many exchanges it saw; raises when one is not as Stripe's schema says."""

    def __init__(self) -> None:
        self.seen = 0

    def look(self, method: str, url: str, form: object, reply: Reply) -> Reply:
        content, status, headers = reply
        parts = urlsplit(url)
        answer = json.loads(content)
        wrong = check_response(kind_of(answer), answer)
        assert not wrong, f"{method} {parts.path} was answered with {wrong}"
        assert headers["Request-Id"].startswith("req_")
        asked = check_request(method.upper(), parts.path, str(form or parts.query))
        if status < 400:
            assert not asked, f"{method} {parts.path} was accepted in spite of {asked}"
        self.seen += 1
        return reply


class JudgedSync(stripe.RequestsClient):
    """The SDK's ordinary client, judged."""

    def __init__(self, judge: Judge) -> None:
        super().__init__(timeout=20)
        self.judge = judge

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Reply:
        reply = super().request(method, url, headers, post_data)
        return self.judge.look(method, url, post_data, reply)


class JudgedAsync(stripe.HTTPXClient):
    """The SDK's asynchronous client, judged."""

    def __init__(self, judge: Judge) -> None:
        super().__init__(timeout=20)
        self.judge = judge

    async def request_async(
        self, method: str, url: str, headers: Any, post_data: Any = None
    ) -> Reply:
        reply = await super().request_async(method, url, headers, post_data)
        return self.judge.look(method, url, post_data, reply)
