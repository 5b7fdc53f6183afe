"""Processes of the product on one database: start, kill, restart."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from tests.support.sandbox import SandboxProcess
from tests.support.stack import clean_environment

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


class ForkServer:
    """A process that has imported the product and forks it on demand."""

    def __enter__(self) -> Self:
        words = [sys.executable, "-m", "coursebook.run.supervisor.die_with_parent", sys.executable]
        self._process = subprocess.Popen(
            [*words, "-m", "tests.fuzz.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        return self

    def __exit__(self, *_problem: object) -> None:
        self._process.communicate()
        self._process.wait()

    def fork(self, port: int, log: Path, environment: dict[str, str]) -> int:
        """Return the id of a new process of the product."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        said = {"port": port, "log": str(log), "environment": environment}
        self._process.stdin.write(json.dumps(said).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@dataclass
class ProductProcess:
    """One process of the product on one port."""

    fork_server: ForkServer
    port: int
    log: Path
    environment: dict[str, str]
    pid: int | None = None
    starts: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address of its API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_dead(self) -> bool:
        """Whether the process has ended."""
        if self.pid is None:
            return True
        with suppress(ProcessLookupError):
            os.kill(self.pid, 0)
            return False
        return True

    def start(self, **more: str) -> None:
        """Start it; wait until it answers or has killed itself."""
        began = time.monotonic()
        self.pid = self.fork_server.fork(self.port, self.log, self.environment | more)
        while not self.is_dead and time.monotonic() - began < START_SECONDS:
            try:
                httpx.get(f"{self.url}/api/health", timeout=5, trust_env=False, verify=False)
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                break
        self.starts.append(time.monotonic() - began)

    def kill(self) -> None:
        """Kill it (kill -9) and wait until it has ended."""
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        while not self.is_dead:
            time.sleep(0.005)

    def said(self) -> str:
        """Return what it has printed."""
        return self.log.read_text(errors="replace")


def settings_of(
    sandbox: SandboxProcess, database_url: str, folder: Path, **more: str
) -> dict[str, str]:
    """Return the environment that `coursebook run` would pass to the product."""
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
        "TOKEN_LIMIT": "100000/minute",
        "ADDRESS_LIMIT": "100000/minute",
        "WORKER_SECONDS": "0.2",
        "LOG_LEVEL": "WARNING",
        **more,
    }


@dataclass(frozen=True)
class ProcessHarness:
    """The environment of a fuzz test with processes. `figures`: lines for the end of the report."""

    fork_server: ForkServer
    sandbox: SandboxProcess
    folder: Path
    figures: list[str]

    @property
    def port(self) -> int:
        """The port to which the sandbox delivers its events."""
        return int(self.sandbox.product_url.rpartition(":")[2])


@contextmanager
def product_processes(
    process_harness: ProcessHarness, database_url: str, ports: list[int]
) -> Iterator[list[ProductProcess]]:
    """Yield processes on one database, not started yet; stop them all afterwards."""
    folder = Path(tempfile.mkdtemp(dir=process_harness.folder))
    environment = settings_of(process_harness.sandbox, database_url, folder)
    made = []
    for port in ports:
        log = folder / f"product-{port}.log"
        log.touch()
        made.append(ProductProcess(process_harness.fork_server, port, log, environment))
    try:
        yield made
    finally:
        for process in made:
            process.kill()
