"""Stored and settled webhooks: from the first event to the last confirmed booking."""

import asyncio
import json
import secrets
import time
from typing import Any

import sqlalchemy as sa
import stripe
from sqlalchemy.ext.asyncio import AsyncConnection

from coursebook.persistence.engine.databases import Database, open_database
from tests.bench.environment import Ground, Server
from tests.bench.load_generator import call, load

JSON = {"Content-Type": "application/json"}
PATIENCE_SECONDS = 120
HELD = "SELECT id FROM booking WHERE place = 'held'"
WAITING = "SELECT count(*) FROM webhook_event WHERE handled_at IS NULL"


class Settled:
    """Pays bookings by event."""

    def __init__(self, ground: Ground, course: str, clients: int) -> None:
        self._ground = ground
        self._body = json.dumps({"course_id": course}).encode()
        self._clients = clients

    async def rates(self, product: Server, bare: Server, calls: int) -> tuple[float, float]:
        """Return events per second: settled by the product, and only stored by the bare side."""
        database = open_database(self._ground.url)
        try:
            events = self._events(await self._booked(database, product, calls))
            began = time.perf_counter()
            await load(product.port, events, self._clients)
            await _until_settled(database)
            ours = len(events) / (time.perf_counter() - began)
        finally:
            await database.close()
        return ours, (await load(bare.port, events, self._clients)).per_second

    async def _booked(self, database: Database, product: Server, count: int) -> list[str]:
        """Create that many bookings and return them."""
        before = set(await _column(database, HELD))
        path = "/api/stripe/checkout"
        asks = [call("POST", path, JSON | self._ground.bearer(), self._body) for _ in range(count)]
        await load(product.port, asks, self._clients)
        return [
            session_id for session_id in await _column(database, HELD) if session_id not in before
        ]

    def _events(self, bookings: list[str]) -> list[bytes]:
        secret, kind = self._ground.stripe.webhook_secret, "checkout.session.completed"
        events = [signed_event(secret, kind, f"cs_test_{booking}") for booking in bookings]
        path = "/api/stripe/webhook"
        return [call("POST", path, {**JSON, "Stripe-Signature": s}, body) for body, s in events]


def signed_event(secret: str, kind: str, about: str = "cus_1") -> tuple[bytes, str]:
    """Return an event of Stripe about an object, and its signature header."""
    event: dict[str, Any] = {
        "id": f"evt_bench_{secrets.token_hex(10)}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "data": {"object": {"id": about, "object": "customer", "email": "a@example.test"}},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    body = json.dumps(event, indent=2)
    return body.encode(), stripe.WebhookSignature.generate_signature_header(body, secret)


async def _until_settled(database: Database) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await _column(database, WAITING)) != [0]:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.02)


async def _column(database: Database, query: str) -> list[Any]:
    connection: AsyncConnection
    async with database.reading.connect() as connection:
        return list((await connection.execute(sa.text(query))).scalars().all())
