"""Stored and settled webhooks: from the first event to the last confirmed booking."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
import stripe
from sqlalchemy.ext.asyncio import AsyncConnection

from coursebook.persistence.engine.databases import Database, open_database
from tests.bench.load_generator import call, load

JSON = {"Content-Type": "application/json"}
PATIENCE_SECONDS = 120
HELD = "SELECT id FROM booking WHERE place = 'held'"
WAITING = "SELECT count(*) FROM webhook_event WHERE handled_at IS NULL"


class Settled:
    """Pays bookings by event."""

    def __init__(self, url: str, webhook_secret: str, clients: int) -> None:
        self._url, self._secret, self._clients = url, webhook_secret, clients

    async def events(self, port: int, bookings: list[bytes]) -> list[bytes]:
        """Send these requests for places; return the requests with the events that pay them."""
        async with self._database() as database:
            before = set(await _column(database, HELD))
            await load(port, bookings, self._clients)
            held = [booking for booking in await _column(database, HELD) if booking not in before]
        kind, path = "checkout.session.completed", "/api/stripe/webhook"
        events = [signed_event(self._secret, kind, f"cs_test_{booking}") for booking in held]
        return [call("POST", path, {**JSON, "Stripe-Signature": s}, body) for body, s in events]

    async def settle(self, port: int, events: list[bytes]) -> float:
        """Send events until every one is settled. Return settled events per second."""
        async with self._database() as database:
            began = time.perf_counter()
            await load(port, events, self._clients)
            await _until_settled(database)
            return len(events) / (time.perf_counter() - began)

    @asynccontextmanager
    async def _database(self) -> AsyncIterator[Database]:
        database = open_database(self._url)
        try:
            yield database
        finally:
            await database.close()


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
