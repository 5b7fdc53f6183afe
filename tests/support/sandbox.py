"""Starts the sandbox in its own process, as `coursebook run` does."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import httpx

from tests.support import cards
from tests.support.ports import free_port

START_SECONDS = 60.0
STOP_SECONDS = 5.0
SECRET_KEY = "sk_test_of_the_tests"
WEBHOOK_SECRET = "whsec_of_the_tests"
LOG = "sandbox.log"
NO_IDLE_LINES = httpx.Limits(max_keepalive_connections=0)


class SandboxProcess:
    """`python -m coursebook.sandbox` on free ports, with a temporary data folder.

    `api_base` is the value for `StripeClient(base_addresses={"api": …})` and STRIPE_API_BASE.
    """

    def __init__(
        self,
        *,
        product_url: str = "http://localhost:3000",
        webhook_url: str | None = None,
        secret_key: str = SECRET_KEY,
        webhook_secret: str = WEBHOOK_SECRET,
        test_controls: bool = True,
        retry_base_seconds: float = 0.1,
        redirect_wait_seconds: float = 10.0,
        port: int | None = None,
        data: Path | None = None,
    ) -> None:
        """Prepare the start. `webhook_url` defaults to the product's webhook; "" means none."""
        self._folder = tempfile.TemporaryDirectory() if data is None else None
        self.data = data or Path(self._folder.name if self._folder else "")
        self.port = port or free_port()
        self.smtp_port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.api_base = self.url
        self.product_url = product_url
        default = f"{product_url}/api/stripe/webhook"
        self.webhook_url = default if webhook_url is None else webhook_url
        self.secret_key = secret_key
        self.webhook_secret = webhook_secret
        self._test_controls = test_controls
        self._retry_base_seconds = retry_base_seconds
        self._redirect_wait_seconds = redirect_wait_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._http = httpx.Client(
            base_url=self.url, timeout=30, verify=False, trust_env=False, limits=NO_IDLE_LINES
        )

    @property
    def pid(self) -> int:
        """The process id, for tests that kill the sandbox."""
        assert self._process is not None
        return self._process.pid

    def start(self, *more: str) -> Self:
        """Start with extra options and wait for an answer. Raises `RuntimeError` on failure."""
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / LOG).open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command(), *more],
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"the sandbox ended at once: {self.output()}")
            try:
                if self._http.get("/healthz").status_code == 200:
                    return self
            except httpx.HTTPError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError("the sandbox does not answer")

    def stop(self) -> None:
        """Stop it, and remove the data folder if we created it."""
        self.end()
        self._http.close()
        if self._folder:
            self._folder.cleanup()

    def end(self) -> None:
        """Stop the process and keep its data, so that `start` continues from there."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def output(self) -> str:
        """Return the program's output so far."""
        return (self.data / LOG).read_text()

    def control(self, path: str, /, **values: Any) -> dict[str, Any]:
        """Use a test control: `control("clock/advance", seconds=60)`. Raises if it is refused."""
        return self._told(self._http.post(f"/_test/{path}", json=values))

    def get(self, path: str) -> dict[str, Any]:
        """Return the JSON behind `/_test/{path}`, such as `deliveries` or `mail`."""
        return self._told(self._http.get(f"/_test/{path}"))

    def api(self, path: str) -> dict[str, Any]:
        """Return the JSON behind `/v1/{path}`, without the SDK."""
        head = {"Authorization": f"Bearer {self.secret_key}"}
        return self._told(self._http.get(f"/v1/{path}", headers=head))

    def token(self, email: str, ttl: int | None = None) -> str:
        """Return a session token for this person."""
        said: dict[str, Any] = {"email": email} | ({} if ttl is None else {"ttl": ttl})
        return str(self.control("token", **said)["token"])

    def pay(self, session_id: str, card: str = cards.VISA, **values: Any) -> dict[str, Any]:
        """Pay a session without a browser; wait until the webhook has been answered once."""
        return self.control(f"sessions/{session_id}/pay", card=card, **values)

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_problem: object) -> None:
        """Stop."""
        self.stop()

    def _told(self, response: httpx.Response) -> dict[str, Any]:
        if response.is_error:
            raise AssertionError(f"{response.status_code} from {response.url}: {response.text}")
        return dict(response.json())

    def _command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "coursebook.sandbox"),
            *("--port", str(self.port), "--smtp-port", str(self.smtp_port)),
            *("--data", str(self.data), "--public-url", self.url),
            *("--product-url", self.product_url, "--webhook-url", self.webhook_url),
            *("--retry-base-seconds", str(self._retry_base_seconds)),
            *("--redirect-wait-seconds", str(self._redirect_wait_seconds)),
        ]

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "STRIPE_SECRET_KEY": self.secret_key,
            "STRIPE_WEBHOOK_SECRET": self.webhook_secret,
            "COURSEBOOK_SANDBOX_LEVERS": "1" if self._test_controls else "0",
        }
