"""A world that is quick enough for thousands of steps: in one process, on a file in memory."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI

from coursebook.payments.stripe_gateway import StripeGateway
from coursebook.settings import Settings
from coursebook.wiring import opened
from tests.proof.gate import GatedGateway
from tests.support.product import MovableClock, product_settings
from tests.support.sandbox import SandboxProcess
from tests.support.world import World

MEMORY = Path("/dev/shm")
PAUSE_SECONDS = 0.001
"""Between the SDK's own tries; half a second in production."""


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder without a disk behind it, where the machine has such a thing."""
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="coursebook-proof-", dir=where) as folder:
        yield Path(folder)


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """Let the Stripe SDK hardly wait between its tries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", PAUSE_SECONDS)
        patch.setattr("stripe._http_client.HTTPClient.MAX_DELAY", PAUSE_SECONDS)
        yield


TICK = timedelta(milliseconds=1)


class TickingClock(MovableClock):
    """Goes on by a tick whenever it is read, not by itself: the same story, the same times."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def __call__(self) -> datetime:
        self._now += TICK
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


@dataclass(frozen=True)
class Lines:
    """Connections that all runs share: making them takes longer than ten steps."""

    settings: Settings
    gateway: GatedGateway
    api: httpx.AsyncClient
    stand_ins: httpx.AsyncClient


@asynccontextmanager
async def lines_to(sandbox: SandboxProcess, app: FastAPI) -> AsyncIterator[Lines]:
    """Open connections to a running sandbox, and to the API inside this process.

    Mails are written and taken off the outbox, but not sent.
    """
    chosen = product_settings(
        sandbox,
        "",
        smtp_url="",
        checkout_limit="100000/minute",
        address_limit="100000/minute",
        clerk_jwt_key=public_key_of(sandbox),
    )
    stripe = StripeGateway(
        chosen.stripe_secret_key, chosen.stripe_webhook_secret, chosen.stripe_address
    )
    inside = httpx.ASGITransport(app, raise_app_exceptions=True)
    there = f"http://127.0.0.1:{sandbox.port}"
    async with (
        httpx.AsyncClient(transport=inside, base_url="http://product") as api,
        httpx.AsyncClient(base_url=there, timeout=30, trust_env=False, verify=False) as stand_ins,
    ):
        try:
            yield Lines(chosen, GatedGateway(stripe), api, stand_ins)
        finally:
            await stripe.close()


def public_key_of(sandbox: SandboxProcess) -> str:
    """Return the key of session tokens, so that no run has to fetch it."""
    known = sandbox._http.get("/.well-known/jwks.json").json()["keys"][0]
    key = jwt.PyJWK(known).key
    return str(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


@asynccontextmanager
async def sped_world(lines: Lines, database_url: str) -> AsyncIterator[World]:
    """The product on a database of its own, with connections that stay open after it."""
    clock = TickingClock()
    chosen = lines.settings.model_copy(update={"database_url": database_url})
    async with opened(chosen, clock=clock, gateway=lines.gateway) as services:
        yield World(services, clock, lines.api, lines.stand_ins)
