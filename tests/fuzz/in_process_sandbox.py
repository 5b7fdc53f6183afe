"""The sandbox in the test's own process, without a port; its store is emptied for each run.

The product still uses its HTTP interface: the real SDK writes requests, and the sandbox's own ASGI
application answers them. Only the network is missing.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from json import dumps as to_json
from json import loads as from_json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.faults import Faults
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.sign_in.accounts import person_of
from coursebook.sandbox.sign_in.tokens import TokenMint
from coursebook.sandbox.store import Filter, Store
from coursebook.sandbox.stripe import balance
from coursebook.sandbox.stripe.api import RAW_SEND, Api
from coursebook.sandbox.stripe.form_encoding import decode
from coursebook.sandbox.stripe.routes import find
from coursebook.sandbox.stripe.timers import run_due
from coursebook.sandbox.test_controls import routes
from coursebook.sandbox.webhook_delivery.queue import WebhookDelivery

TICK = 0.001
ADDRESS = "http://localhost:3001"


class TickingStripeClock(Clock):
    """Advances by a tick on each read, so that a repeated run sees the same times."""

    def begin(self) -> None:
        """Restart at the real time."""
        self._base = time.time()
        self._offset = 0.0

    def now(self) -> float:
        """Return this run's time."""
        self._base += TICK
        return self._base + self._offset


class InProcessSandbox:
    """A sandbox that delivers no events. `secret_key` and the rest are its settings."""

    secret_key = "sk_test_of_the_tests"
    webhook_secret = "whsec_of_the_tests"
    url = ADDRESS
    product_url = "http://localhost:3000"
    smtp_port = 3002

    def __init__(self, folder: Path) -> None:
        options = SandboxOptions(
            data_dir=folder,
            public_url=ADDRESS,
            test_controls=True,
            webhook_secrets=(self.webhook_secret,),
            secret_keys=(self.secret_key,),
        )
        self._store = Store(folder / "sandbox.db")
        self._clock = TickingStripeClock(self._store)
        self._clock.begin()
        deliveries = WebhookDelivery(options, self._store, self._clock)
        self.harness = Context(options, self._store, self._clock, deliveries, Faults())
        balance.backfill_totals(self.harness)
        self.mint = TokenMint(options, self._store, self._clock)
        self.app = Starlette(routes=[Mount("/v1", Api(self.harness))])

    def forget(self) -> None:
        """Delete all data and restart at the real time."""
        self._store._db.execute("DELETE FROM documents")
        self.harness.faults.clear()
        self._clock.begin()

    def events_after(self, count: int) -> list[dict[str, Any]]:
        """Return the events after the first `count`, oldest first."""
        query = "SELECT body FROM documents WHERE kind = 'event' ORDER BY seq LIMIT -1 OFFSET ?"
        return [from_json(body) for (body,) in self._store._db.execute(query, (count,))]

    def sessions(self, status: str | None = None) -> list[dict[str, Any]]:
        """Return the Checkout Sessions as they are now, oldest first."""
        run_due(self.harness)
        return self._store.find("checkout.session", Filter(status=status))[::-1]

    def charge_of(self, payment: str) -> str:
        """Return the id of the charge behind a PaymentIntent."""
        intent = self._store.get("payment_intent", payment)
        assert intent is not None, payment
        return str(intent["latest_charge"])

    def close(self) -> None:
        """Close the database file."""
        self._store.close()


class _Transport:
    """The part of a transport that a fault needs to cut a connection (uvicorn's cycle has one)."""

    def __init__(self) -> None:
        self.transport = self
        self.is_cut = False
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    def get_extra_info(self, _name: str) -> "_Transport":
        return self

    def setsockopt(self, *_how: Any) -> None:
        """Nothing to set: there is no socket."""

    def abort(self) -> None:
        self.is_cut = True

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], message["headers"]
        else:
            self.body += message.get("body", b"")


class AsgiClient:
    """An HTTP client for an ASGI application in this process, as far as SDK and tests need it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        data: str | dict[str, Any] = "",
        json: Any = None,
        **_more: Any,
    ) -> httpx.Response:
        """Send a request. Raises httpx.ReadError if the connection is cut."""
        known = {"host": "localhost", **{k.lower(): v for k, v in (headers or {}).items()}}
        if json is not None:
            content, known["content-type"] = to_json(json).encode(), "application/json"
        content = content or (data.encode() if isinstance(data, str) else b"")
        line, said = _Transport(), [content]

        async def receive() -> dict[str, Any]:
            if said:
                return {"type": "http.request", "body": said.pop(), "more_body": False}
            return {"type": "http.disconnect"}

        await self._app(_scope(method, url, known, line), receive, line.send)
        if line.is_cut:
            raise httpx.ReadError("The connection was reset.")
        return httpx.Response(line.status, headers=line.headers, content=line.body)

    async def get(self, url: str, **more: Any) -> httpx.Response:
        return await self.request("GET", url, **more)

    async def post(self, url: str, **more: Any) -> httpx.Response:
        return await self.request("POST", url, **more)

    async def aclose(self) -> None:
        """Nothing to close."""


def _scope(method: str, url: str, headers: dict[str, str], line: _Transport) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method.upper(),
        "headers": [(k.encode(), str(v).encode()) for k, v in headers.items()],
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
        RAW_SEND: line.send,
    }


@dataclass(frozen=True)
class DirectAnswer:
    """An answer that never went through HTTP."""

    status_code: int
    said: dict[str, Any]
    url: str

    @property
    def is_success(self) -> bool:
        return self.status_code == httpx.codes.OK

    @property
    def text(self) -> str:
        return to_json(self.said)

    def json(self) -> dict[str, Any]:
        return self.said


class DirectClient:
    """The test's own client of the sandbox: calls its operations and test controls without HTTP.

    Only the product's own calls go through HTTP.
    """

    def __init__(self, stripe: InProcessSandbox) -> None:
        self._stripe = stripe

    async def get(self, url: str, *, params: dict[str, Any], **_more: Any) -> DirectAnswer:
        """GET something of the API."""
        route = find("GET", url)
        assert route is not None, url
        operation, ids = route
        run_due(self._stripe.harness)
        said = operation.check(decode(urlencode(params)), "")
        return DirectAnswer(200, operation.act(self._stripe.harness, said, *ids), url)

    async def post(self, url: str, *, json: dict[str, Any]) -> DirectAnswer:
        """Call a test control."""
        path = url.removeprefix("/_test/")
        if path == "token":
            person = person_of(json["email"])
            return DirectAnswer(
                200, {"token": self._stripe.mint.token(person, "sess_test_fuzz")}, url
            )
        kind, _, rest = path.partition("/")
        key, _, act = rest.partition("/")
        name = f"{kind}/{{key}}/{act}" if act else path
        try:
            run_due(self._stripe.harness)
            return DirectAnswer(
                200, await routes.CONTROLS[name](self._stripe.harness, json, key), url
            )
        except StripeRefusal as error:
            return DirectAnswer(error.status, error.body(), url)
