"""The two sides that are compared, each one ASGI program under the server of production.

    granian --interface asgi --factory tests.bench.servers:product      (the product's API)
    granian --interface asgi --factory tests.bench.servers:bare         (the same SQL, nothing else)

Neither has a worker or pages. Told by the environment: the product's own settings, `BENCH_BOOK`,
`BENCH_STORE` and `BENCH_LIST` (files with recorded statements), `BENCH_BYTES` (the list's answer).
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from coursebook.api.app import build_api
from coursebook.log import set_up_logging
from coursebook.settings import load_settings
from coursebook.wiring import opened
from tests.bench.instant_gateway import InstantGateway
from tests.bench.statement_log import BEGIN, COMMIT, Script


def product() -> Starlette:
    """The API with its services and an instant Stripe."""
    settings = load_settings()
    set_up_logging(as_json=True, level=settings.log_level)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        gateway = InstantGateway(settings.stripe_secret_key, settings.stripe_webhook_secret)
        async with opened(settings, gateway=gateway):
            yield

    return Starlette(routes=[Mount("/", build_api())], lifespan=lifespan)


class Bare:
    """Replays recorded statements on the database driver itself."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool: Any = None
        self._file: Any = None
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Open connections with the product's settings."""
        if self.url.startswith("postgresql"):
            options = {"jit": "off", "application_name": "bare"}
            self._pool = await asyncpg.create_pool(
                self.url, min_size=10, max_size=15, server_settings=options
            )
            return
        path = self.url.removeprefix("sqlite:///")
        self._file = await aiosqlite.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            await self._file.execute(f"PRAGMA {pragma}")

    async def play(self, script: Script) -> list[Any]:
        """Replay a script with new ids; return the rows of its last statement."""
        steps, rows = script.afresh(), list[Any]()
        if self._pool is None:
            return await self._play_on_file(steps)
        async with self._pool.acquire() as connection:
            for said, values in steps:
                if said in (BEGIN, COMMIT):
                    await connection.execute(said)
                else:
                    rows = await connection.fetch(said, *values)
        return rows

    async def _play_on_file(self, steps: list[Any]) -> list[Any]:
        rows: list[Any] = []
        async with self._turn:
            for said, values in steps:
                text = "BEGIN IMMEDIATE" if said == BEGIN else said
                rows = list(await self._file.execute_fetchall(text, values))
        return rows


def bare() -> Starlette:
    """Routes that run the same SQL and nothing else."""
    database = Bare(os.environ["DATABASE_URL"])
    scripts = {name: Script.load(os.environ[f"BENCH_{name}"]) for name in ("BOOK", "STORE", "LIST")}
    listed = Path(os.environ["BENCH_BYTES"]).read_bytes()
    courses = itertools.cycle(json.loads(os.environ["BENCH_COURSES"]))
    secret = os.environ["STRIPE_WEBHOOK_SECRET"].encode()

    async def book(_request: Request) -> Response:
        first, course = scripts["BOOK"], next(courses)
        await database.play(Script(_on_course(first.steps, course)))
        return JSONResponse({"booking_id": "bkg"}, 201)

    async def webhook(request: Request) -> Response:
        body = await request.body()
        parts = dict(p.split("=", 1) for p in request.headers["stripe-signature"].split(","))
        signed = f"{parts['t']}.".encode() + body
        good = hmac.new(secret, signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(good, parts["v1"]):
            return Response(status_code=400)
        json.loads(body)
        await database.play(scripts["STORE"])
        return JSONResponse({"received": True})

    async def courses_of_sql(_request: Request) -> Response:
        await database.play(scripts["LIST"])
        return JSONResponse(json.loads(listed))

    async def courses_ready(_request: Request) -> Response:
        return Response(listed, media_type="application/json")

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await database.open()
        yield

    return Starlette(
        routes=[
            Route("/api/stripe/checkout", book, methods=["POST"]),
            Route("/api/stripe/webhook", webhook, methods=["POST"]),
            Route("/api/courses", courses_of_sql),
            Route("/ready", courses_ready),
        ],
        lifespan=lifespan,
    )


def _on_course(steps: list[Any], course: str) -> list[Any]:
    known = os.environ["BENCH_COURSE"]
    if course == known:
        return steps
    return [(s, tuple(course if v == known else v for v in values)) for s, values in steps]
