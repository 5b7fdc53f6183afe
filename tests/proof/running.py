"""Starts, kills and starts again the product as programs of its own, on one database."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.support.programs import start
from tests.support.sandbox import SandboxProcess
from tests.support.servers import clean_environment

START_SECONDS = 60


@dataclass
class Program:
    """One process of the product on one port."""

    port: int
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    killed: int = 0
    starts: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Address of its API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_dead(self) -> bool:
        """Whether there is no such process any more."""
        return self.process is None or self.process.poll() is not None

    def start(self, **more: str) -> None:
        """Start it, and wait until it answers or has killed itself."""
        began = time.monotonic()
        command = [sys.executable, "-m", "tests.proof.program", str(self.port)]
        self.process = start(command, self.log, environment=self.environment | more)
        while not self.is_dead and time.monotonic() - began < START_SECONDS:
            try:
                httpx.get(f"{self.url}/api/health", timeout=5, trust_env=False)
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                break
        self.starts.append(time.monotonic() - began)

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.killed += 1

    def said(self) -> str:
        """Return what it has printed."""
        return self.log.read_text(errors="replace")


def settings_of(
    sandbox: SandboxProcess, database_url: str, folder: Path, **more: str
) -> dict[str, str]:
    """Return the environment that `coursebook run` would give the product."""
    return {
        **clean_environment(),
        "PUBLIC_URL": sandbox.product_url,
        "COURSEBOOK_SANDBOX_URL": sandbox.url,
        "COURSEBOOK_DATA": str(folder),
        "DATABASE_URL": database_url,
        "STRIPE_SECRET_KEY": sandbox.secret_key,
        "STRIPE_WEBHOOK_SECRET": sandbox.webhook_secret,
        "SMTP_URL": f"smtp://127.0.0.1:{sandbox.smtp_port}",
        "CHECKOUT_LIMIT": "100000/minute",
        "ADDRESS_LIMIT": "100000/minute",
        "WORKER_SECONDS": "0.2",
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(Path.cwd()),
        **more,
    }


@contextmanager
def programs(
    ports: list[int], folder: Path, environment: dict[str, str]
) -> Iterator[list[Program]]:
    """Yield processes that are not started yet; end them all afterwards."""
    made = []
    for port in ports:
        log = folder / f"product-{port}.log"
        log.touch()
        made.append(Program(port, log, environment))
    try:
        yield made
    finally:
        for one in made:
            if not one.is_dead:
                one.kill()
