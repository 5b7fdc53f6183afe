"""The options of the sandbox."""

from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")
LIVE_KEY_PREFIXES = ("sk_live_", "rk_live_")
TEST_KEY_PREFIXES = ("sk_test_", "rk_test_")


class OptionsError(Exception):
    """The options do not allow a start; the message is one sentence for the user."""


@dataclass(frozen=True)
class SandboxOptions:
    """Every setting of the sandbox.

    `webhook_secrets` sign each delivery, one signature per secret. An empty `secret_keys` accepts
    any key that begins with `sk_test_` or `rk_test_`. Times are seconds.
    """

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 3001
    smtp_port: int = 3002
    public_url: str = "http://localhost:3001"
    product_url: str = "http://localhost:3000"
    webhook_url: str | None = None
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    secret_keys: tuple[str, ...] = field(default=(), repr=False)
    test_controls: bool = False
    retry_base_seconds: float = 2.0
    redirect_wait_seconds: float = 10.0
    reset: bool = False

    def check(self) -> None:
        """Raise `OptionsError` if the options are unsafe."""
        if self.host not in LOOPBACK_HOSTS:
            raise OptionsError(
                f"The sandbox listens on loopback addresses only, not on {self.host}."
            )
        if any(key.startswith(LIVE_KEY_PREFIXES) for key in self.secret_keys):
            raise OptionsError(
                "STRIPE_SECRET_KEY is a live key; the sandbox never runs beside one."
            )
        if not all(key.startswith(TEST_KEY_PREFIXES) for key in self.secret_keys):
            raise OptionsError("STRIPE_SECRET_KEY must begin with sk_test_ or rk_test_.")


def words(text: str) -> tuple[str, ...]:
    """Return the parts of a comma-separated setting."""
    return tuple(word.strip() for word in text.split(",") if word.strip())
