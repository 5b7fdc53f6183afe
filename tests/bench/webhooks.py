"""Stored and settled webhooks: from the first event to the last confirmed booking."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from coursebook.persistence.engine.databases import Database, open_database
from tests.bench.environment import Ground, Server
from tests.bench.load_generator import call, load

JSON = {"Content-Type": "application/json"}
PATIENCE_SECONDS = 120
HELD = "SELECT id FROM booking WHERE place = 'held'"
WAITING = "SELECT count(*) FROM webhook_event WHERE handled_at IS NULL"

SignedEvent = Callable[..., tuple[bytes, str]]


class Settled:
    """Pays bookings by event. `signed` makes an event of a type about an object."""

    def __init__(self, ground: Ground, course: str, clients: int, signed: SignedEvent) -> None:
        self._ground = ground
        self._body = json.dumps({"course_id": course}).encode()
        self._clients = clients
        self._signed = signed

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
        events = [
            self._signed(self._ground, "checkout.session.completed", f"cs_test_{booking}")
            for booking in bookings
        ]
        path = "/api/stripe/webhook"
        return [call("POST", path, {**JSON, "Stripe-Signature": s}, body) for body, s in events]


async def _until_settled(database: Database) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await _column(database, WAITING)) != [0]:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.02)


async def _column(database: Database, query: str) -> list[Any]:
    connection: AsyncConnection
    async with database.reading.connect() as connection:
        return list((await connection.execute(sa.text(query))).scalars().all())
