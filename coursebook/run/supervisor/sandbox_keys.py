"""The keys that product and sandbox share, generated once and stored in the data folder."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from coursebook.run.problem import CannotStart


@dataclass(frozen=True)
class SandboxKeys:
    """A generated Stripe key and webhook secret, valid only in the sandbox."""

    stripe_secret_key: str = field(repr=False)
    stripe_webhook_secret: str = field(repr=False)

    def environment(self) -> dict[str, str]:
        """Return the keys as environment variables."""
        return {
            "STRIPE_SECRET_KEY": self.stripe_secret_key,
            "STRIPE_WEBHOOK_SECRET": self.stripe_webhook_secret,
        }


def sandbox_keys(data: Path) -> SandboxKeys:
    """Return the keys in the data folder's `sandbox-keys.json`; create it (mode 600) if missing."""
    path = data / "sandbox-keys.json"
    if not path.exists():
        keys = SandboxKeys(f"sk_test_{secrets.token_hex(24)}", f"whsec_{secrets.token_hex(24)}")
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(keys), file, indent=2)
        return keys
    try:
        return SandboxKeys(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        raise CannotStart(f"{path} cannot be read; delete it, and new keys are created.") from None
