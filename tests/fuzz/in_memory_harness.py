"""The product and the sandbox in one process, on files in memory: fast enough for fuzz runs."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from coursebook.api.app import build_api
from coursebook.payments.stripe_gateway import StripeGateway
from coursebook.wiring import Services, opened
from tests.fuzz.faults import InterruptibleGateway
from tests.fuzz.in_process_sandbox import AsgiClient, DirectClient, InProcessSandbox
from tests.fuzz.snapshots import SnapshotReader
from tests.support.harness import Harness
from tests.support.product import MovableClock, product_settings
from tests.support.rows import delete_all

MEMORY = Path("/dev/shm")
TICK = timedelta(milliseconds=1)


@contextmanager
def memory_folder() -> Iterator[Path]:
    """Return a folder in memory, if the machine has one."""
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="coursebook-fuzz-", dir=where) as folder:
        yield Path(folder)


@contextmanager
def without_delays() -> Iterator[None]:
    """Remove the Stripe SDK's retry delays and the search index of new courses.

    A delay is half a second in production, and indexing is half the time of storing a course. No
    rule searches the catalog.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0)
        patch.setattr("stripe._http_client.HTTPClient.MAX_DELAY", 0)
        patch.setattr("coursebook.persistence.course_search.index.index_course", lambda *_: None)
        yield


class TickingClock(MovableClock):
    """Advances by a tick on each read only, so that a repeated run sees the same times."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Restart at the real time."""
        self._now = datetime.now(UTC)

    def __call__(self) -> datetime:
        self._now += TICK
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


@dataclass(frozen=True)
class InMemoryProduct:
    """The product on one database and the sandbox beside it, shared by all runs."""

    stripe: InProcessSandbox
    services: Services
    clock: TickingClock
    reader: SnapshotReader
    api: AsgiClient
    stand_ins: DirectClient
    tokens: dict[Any, Any] = field(default_factory=dict)

    async def new_harness(self) -> Harness:
        """Delete everything, and return a harness on an empty product."""
        self.stripe.forget()
        self.clock.begin()
        await delete_all(self.services.context.database)
        api: Any = self.api
        stand_ins: Any = self.stand_ins
        harness = Harness(self.services, self.clock, api, stand_ins)
        harness._tag = "fuzz"
        harness._tokens = self.tokens
        return harness


@asynccontextmanager
async def in_memory_product(folder: Path, database_url: str) -> AsyncIterator[InMemoryProduct]:
    """Open the product on an empty database, beside a sandbox in this process.

    Mails are rendered and taken from the outbox, but not sent.
    """
    stripe, clock, reader = InProcessSandbox(folder), TickingClock(), SnapshotReader(database_url)
    chosen = product_settings(
        stripe,  # type: ignore[arg-type]  # it has every address that a process would have
        database_url,
        smtp_url="",
        checkout_limit="1000000/minute",
        token_limit="1000000/minute",
        manage_limit="1000000/minute",
        address_limit="1000000/minute",
        clerk_jwt_key=public_key_of(stripe),
    )
    gateway = StripeGateway(
        chosen.stripe_secret_key, chosen.stripe_webhook_secret, chosen.stripe_address
    )
    await gateway._http._client_async.aclose()
    gateway._http._client_async = AsgiClient(stripe.app)  # type: ignore[assignment]
    gated: Any = InterruptibleGateway(gateway)
    async with opened(chosen, clock=clock, gateway=gated) as services:
        services.outbox._bulk_pause = 0.0
        yield InMemoryProduct(
            stripe, services, clock, reader, AsgiClient(build_api()), DirectClient(stripe)
        )
    await gateway.close()
    reader.close()
    stripe.close()


def public_key_of(stripe: InProcessSandbox) -> str:
    """Return the key of session tokens, so that it need not be fetched."""
    key = jwt.PyJWK(stripe.mint.key_set()["keys"][0]).key
    return str(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())
