"""The whole stack on free ports, started by `coursebook run` as a newcomer would."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from coursebook.settings import Settings
from tests.support.canary import secrets_in
from tests.support.ports import free_run
from tests.support.server_programs import start, wait_for

ROOT = Path(__file__).resolve().parents[2]
COMMAND = str(ROOT / ".venv" / "bin" / "coursebook")
START_SECONDS = 300
EVERY_CALL = 1_000_000
CREATE_SESSION = {"method": "POST", "path": "/v1/checkout/sessions", "exact": True}
"""The call of Stripe's API that creates a payment page, for a fault: no other call matches."""
GREETING = "coursebook is ready"
PRODUCT, SANDBOX, RENDERER = "granian", "coursebook.sandbox", "server.mjs"
OURS = {*Settings.model_fields, "port", "coursebook_sandbox_levers"}
TROUBLE = re.compile(
    r"^Traceback |\bERROR\b|\bCRITICAL\b|\[error|\[critical|\"level\": \"(error|critical)\""
    r"|ended unexpectedly|Exception ignored|was never awaited",
    re.MULTILINE,
)


@dataclass
class Stack:
    """A running product with its sandbox."""

    port: int
    data: Path
    log: Path
    process: subprocess.Popen[bytes]
    _read: int = 0
    _clients: list[httpx.Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Address of the product, as a browser opens it."""
        return f"http://localhost:{self.port}"

    @property
    def sandbox_url(self) -> str:
        """Address of the sandbox."""
        return f"http://localhost:{self.port + 1}"

    def control(self, path: str, /, **values: Any) -> Any:
        """Use a test control of the sandbox (`docs/sandbox.md`) and return its answer."""
        answer = httpx.post(f"{self.sandbox_url}/_test/{path}", json=values, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    @contextmanager
    def stripe_fails(self, **fault: Any) -> Iterator[None]:
        """Let all matching calls to Stripe fail inside the `with` block, and none after it.

        Name `method` and `path` (with `exact=True` the whole of it): the worker and the tests
        before have calls of their own on the way.
        """
        self.control("faults", count=EVERY_CALL, **fault)
        try:
            yield
        finally:
            self.control("faults", count=0)

    def mail_subjects(self) -> list[str]:
        """Return the subjects of all mails that were sent."""
        answer = httpx.get(f"{self.sandbox_url}/_test/mail", timeout=30)
        answer.raise_for_status()
        return [mail["subject"] for mail in answer.json()["mails"]]

    def token(self, email: str, ttl: int = 60) -> str:
        """Return a session token for that person."""
        return str(self.control("token", email=email, ttl=ttl)["token"])

    def secrets(self) -> tuple[str, ...]:
        """Return the secret keys generated for this run."""
        key_file = self.data / "sandbox-keys.json"
        return tuple(json.loads(key_file.read_text()).values()) if key_file.exists() else ()

    def api(self, email: str | None = None) -> httpx.Client:
        """Return an API client signed in as that person, closed with the product at the latest."""
        headers = {"Authorization": f"Bearer {self.token(email, 3600)}"} if email else {}
        client = httpx.Client(base_url=self.url, headers=headers, timeout=30)
        self._clients.append(client)
        return client

    def close_clients(self) -> None:
        """Close every client that `api()` returned."""
        while self._clients:
            self._clients.pop().close()

    def kill_product(self) -> None:
        """Kill every process of the product (kill -9); the supervisor restarts it."""
        self._kill(PRODUCT)

    def kill_sandbox(self) -> None:
        """Kill the sandbox (kill -9)."""
        self._kill(SANDBOX)

    def kill_renderer(self) -> None:
        """Kill the server renderer (kill -9)."""
        self._kill(RENDERER)

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait until product and sandbox answer."""
        wait_for(self._is_ready, "coursebook run", self.log, seconds)

    def has_started(self) -> bool:
        """Return whether the command printed its greeting. Raises RuntimeError if it has ended."""
        output = self.log.read_text(errors="replace")
        if self.process.poll() is not None:
            raise RuntimeError(f"coursebook run ended:\n{output}")
        return GREETING in output

    def trouble(self) -> str:
        """Return the log since the last call if it contains an error, else ""."""
        with self.log.open(errors="replace") as log:
            log.seek(self._read)
            said = log.read()
            self._read = log.tell()
        return said if TROUBLE.search(said) else ""

    def forget_trouble(self) -> None:
        """Skip the log so far: the test caused its errors on purpose."""
        self.trouble()

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"coursebook run ended:\n{self.log.read_text(errors='replace')}")
        return _answers(f"{self.url}/api/ready") and _answers(f"{self.sandbox_url}/healthz")

    def _kill(self, word: str) -> None:
        for child in psutil.Process(self.process.pid).children():
            if any(word in part for part in child.cmdline()):
                os.killpg(child.pid, signal.SIGKILL)
                psutil.wait_procs([child], timeout=5)
                return
        raise LookupError(f"No child of coursebook run has {word!r} in its command.")


@contextmanager
def running_stack(
    folder: Path,
    *,
    test_controls: bool = True,
    port: int | None = None,
    lacks_redis: bool = False,
    command: str = COMMAND,
    home: Path = ROOT,
    **settings: str,
) -> Iterator[Stack]:
    """Start `coursebook run` with its data in `folder`; stop it and all its children afterwards.

    With `lacks_redis` wait only for the greeting, not for readiness. `command` is another
    coursebook than that of the source tree, and `home` the folder to start it in. Fails if the log
    of the run contains a secret (`tests/support/canary.py`).
    """
    port, log = port or free_run(3), folder / "server.log"
    log.touch()
    # All tests share Sam and Sally, who therefore exceed the usual limits.
    shared = {"TOKEN_LIMIT": "100000/minute", "SEARCH_LIMIT": "100000/minute"}
    shared |= {"VISITOR_LIMIT": "100000/minute", "MANAGE_LIMIT": "100000/minute"}
    shared |= {"EXPORT_LIMIT": "100000/minute", "MESSAGE_LIMIT": "100000/minute"}
    environment = {**clean_environment(), **shared, **settings}
    environment["COURSEBOOK_DATA"] = str(folder / "data")
    if test_controls:
        environment["COURSEBOOK_SANDBOX_LEVERS"] = "1"
    arguments = [command, "run", "--port", str(port)]
    process = start(arguments, log, environment=environment, folder=home)
    stack = Stack(port, folder / "data", log, process)
    try:
        wait_for(stack.has_started, "coursebook run", log, START_SECONDS)
        if not lacks_redis:
            stack.wait_until_ready(START_SECONDS)
        yield stack
    finally:
        stack.close_clients()
        end_with_children(process)
    leaked = secrets_in(log.read_text(errors="replace"), stack.secrets())
    assert not leaked, "\n".join(["The log contains secrets:", *leaked])


def end_with_children(process: subprocess.Popen[bytes], seconds: float = 15) -> list[str]:
    """Send SIGINT; return the commands of children that had to be killed."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + seconds
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _, survivors = psutil.wait_procs(family, timeout=max(0.1, deadline - time.monotonic()))
    named = [" ".join(child.cmdline()) for child in survivors]
    for child in survivors:
        child.kill()
    return named


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def clean_environment() -> dict[str, str]:
    """Return this environment without a developer's own keys and addresses, also from `.env`."""
    blank = {name: "" for name, about in Settings.model_fields.items() if about.default in ("", ())}
    inherited = {name: value for name, value in os.environ.items() if name.lower() not in OURS}
    return {**inherited, **{name.upper(): value for name, value in blank.items()}}
