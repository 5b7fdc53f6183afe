"""A small webhook endpoint that accepts only valid signatures."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import stripe

WAIT_SECONDS = 30.0


class Receiver:
    """Listens on a free port and records each verified event with its signature header."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.events: list[dict[str, Any]] = []
        self.headers: list[str] = []
        self.bodies: list[bytes] = []
        self.refused: list[str] = []
        self._statuses: dict[str, list[int]] = {}
        self._news = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(body, self.headers.get("Stripe-Signature", ""))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_words: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, key: str, *statuses: int) -> None:
        """Answer the next deliveries about one object like this, and later ones with 200."""
        self._statuses[key] = list(statuses)

    def take(self, body: bytes, header: str) -> int:
        client = stripe.StripeClient("sk_test_receiver")
        with self._news:
            try:
                event = client.construct_event(body, header, self.secret)
            except (ValueError, stripe.SignatureVerificationError) as error:
                self.refused.append(str(error))
                return 400
            self.headers.append(header)
            self.bodies.append(body)
            planned = self._statuses.get(event.data.object["id"])
            status = planned.pop(0) if planned else 200
            if status == 200:
                self.events.append(event.to_dict())
            self._news.notify_all()
            return status

    def of(self, key: str) -> list[str]:
        """Return the types of the events about one object or its payment, in order of arrival."""
        return [
            event["type"]
            for event in self.events
            if key in (event["data"]["object"]["id"], event["data"]["object"].get("payment_intent"))
        ]

    def has(self, key: str, *kinds: str) -> bool:
        """Return whether exactly these events about one object arrived, in any order."""
        return sorted(self.of(key)) == sorted(kinds)

    def wait(self, fits: Callable[["Receiver"], bool]) -> None:
        """Wait until a condition on the received events is true."""
        deadline = time.monotonic() + WAIT_SECONDS
        with self._news:
            while not fits(self):
                remaining = deadline - time.monotonic()
                assert remaining > 0, [event["type"] for event in self.events]
                self._news.wait(remaining)
