"""The environment of the comparisons: a filled database, students with tokens, and two servers."""

import json
import os
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil

from coursebook.sandbox.sign_in.accounts import person_of
from coursebook.settings import Settings
from coursebook.wiring import Services, opened
from tests.bench.instant_gateway import InstantGateway
from tests.fuzz.in_memory_harness import public_key_of
from tests.fuzz.in_process_sandbox import InProcessSandbox
from tests.support.harness import Harness
from tests.support.ports import free_port
from tests.support.product import MovableClock, product_settings
from tests.support.server_programs import start, stop, wait_for
from tests.support.stack import clean_environment

MANY = 1_000_000
MOST_PLACES = 100_000
TTL = 24 * 3600


@dataclass(frozen=True)
class Server:
    """A running side: its port and its processes."""

    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Return the CPU time of its processes."""
        every = [self.process, *self.process.children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in every)


@dataclass
class Ground:
    """One database with courses. `folder` holds logs and recorded statements."""

    folder: Path
    url: str
    stripe: InProcessSandbox
    settings: Settings
    environment: dict[str, str]

    def bearer(self) -> dict[str, str]:
        """Return the authorization header of a new student."""
        person = person_of(f"b{secrets.token_hex(6)}@example.test")
        token = self.stripe.mint.token(person, "sess_bench", ttl=TTL)
        return {"Authorization": f"Bearer {token}"}

    @asynccontextmanager
    async def services(self) -> AsyncIterator[Services]:
        """Open the product's services in this process."""
        gateway = InstantGateway(
            self.settings.stripe_secret_key, self.settings.stripe_webhook_secret
        )
        async with opened(self.settings, gateway=gateway) as services:
            yield services

    async def courses(self, services: Services, count: int) -> list[str]:
        """Create courses that never fill up; return their ids."""
        client: Any = httpx.AsyncClient()
        harness = Harness(services, MovableClock(), client, client)
        many = [
            await harness.course(capacity=MOST_PLACES, starts_in=timedelta(60))
            for _ in range(count)
        ]
        await client.aclose()
        return [course.id for course in many]

    @contextmanager
    def serving(self, side: str, **more: str) -> Iterator["Server"]:
        """Serve `product` or `bare` on a free port, as in production; yield it."""
        port, log = free_port(), self.folder / f"{side}.log"
        words = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory"]
        words += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
        process = start(
            [*words, f"tests.bench.servers:{side}"], log, environment=self.environment | more
        )
        path = "/api/health" if side == "product" else "/ready"
        try:
            wait_for(lambda: _answers(f"http://127.0.0.1:{port}{path}"), side, log, 120)
            yield Server(port, psutil.Process(process.pid))
        finally:
            stop(process)


def prepare(folder: Path, url: str) -> Ground:
    """Migrate a database and return it with its courses."""
    folder.mkdir(parents=True, exist_ok=True)
    stripe = InProcessSandbox(folder)
    more = {"smtp_url": "", "clerk_jwt_key": public_key_of(stripe)}
    counted = ("checkout_limit", "search_limit", "token_limit", "address_limit", "manage_limit")
    limits = dict.fromkeys(counted, f"{MANY}/second")
    chosen = product_settings(stripe, url, **more, **limits)  # type: ignore[arg-type]
    environment = {
        **clean_environment(),
        "PUBLIC_URL": chosen.public_url,
        "COURSEBOOK_SANDBOX_URL": chosen.coursebook_sandbox_url,
        "COURSEBOOK_DATA": str(folder),
        "DATABASE_URL": url,
        "STRIPE_SECRET_KEY": stripe.secret_key,
        "STRIPE_WEBHOOK_SECRET": stripe.webhook_secret,
        "CLERK_JWT_KEY": chosen.clerk_jwt_key,
        **{name.upper(): limit for name, limit in limits.items()},
        "LOG_LEVEL": "WARNING",
        "PATH": os.environ["PATH"],
    }
    return Ground(folder, url, stripe, chosen, environment)


def told(courses: list[str], recorded: str) -> dict[str, str]:
    """Return the facts about courses that the bare side needs."""
    return {"BENCH_COURSES": json.dumps(courses), "BENCH_COURSE": recorded}


def sqlite_copy(template: Path, folder: Path) -> str:
    """Return the address of a fresh copy of a migrated file."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(template, folder / "bench.db")
    return f"sqlite:///{folder / 'bench.db'}"


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False, verify=False).is_success
    except httpx.TransportError:
        return False
