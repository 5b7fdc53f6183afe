"""Where a scenario runs: against the sandbox, or against Stripe's test mode."""

import asyncio
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import stripe

from tests.contract.sandbox.conftest import session_params
from tests.contract.sandbox.stripe_oracle import CheckedAsyncClient, CheckedClient, StripeOracle
from tests.support import cards
from tests.support.sandbox import SandboxProcess


@dataclass(frozen=True)
class Backend:
    """The unmodified SDK with every exchange checked. `sandbox` is None for Stripe itself."""

    client: stripe.StripeClient
    oracle: StripeOracle
    key: str
    base: str | None
    sandbox: SandboxProcess | None

    @property
    def sessions(self) -> Any:
        """The session service of the SDK."""
        return self.client.v1.checkout.sessions

    def open(self, amount: int = 4500, currency: str = "eur", **others: Any) -> Any:
        """Open a session as a shop does."""
        return self.sessions.create(session_params(amount, currency, **others))

    def paid(self, card: str = cards.VISA, **others: Any) -> Any:
        """Open and pay a session; return it afterwards."""
        session = self.open(**others)
        self.pay(session.id, card)
        return self.sessions.retrieve(session.id)

    def pay(self, session_id: str, card: str = cards.VISA, **values: Any) -> dict[str, Any]:
        """Pay on the page as a person would."""
        return self.control(f"sessions/{session_id}/pay", card=card, **values)

    def control(self, path: str, /, **values: Any) -> dict[str, Any]:
        """Use a test control, which only the sandbox has."""
        assert self.sandbox is not None, "a scenario that needs test controls must say so"
        return self.sandbox.control(path, **values)

    def charge_of(self, session: Any, **wanted: Any) -> Any:
        """Return the newest charge of a session."""
        intent = self.client.v1.payment_intents.retrieve(session.payment_intent)
        return self.client.v1.charges.retrieve(intent.latest_charge, wanted)

    def other_client(self, key: str) -> stripe.StripeClient:
        """Return an SDK client with another key."""
        return client_of(key, self.base, CheckedClient(self.oracle))

    def run_async(self, work: Any) -> Any:
        """Run `work` with its own asynchronous SDK client."""

        async def whole() -> Any:
            http = CheckedAsyncClient(self.oracle)
            try:
                return await work(client_of(self.key, self.base, http))
            finally:
                await http.close_async()

        running: Coroutine[Any, Any, Any] = whole()
        return asyncio.run(running)


def client_of(key: str, base: str | None, http: Any) -> stripe.StripeClient:
    """Return an SDK client; without a base it talks to Stripe."""
    extra: dict[str, Any] = {"base_addresses": {"api": base}} if base else {}
    return stripe.StripeClient(key, http_client=http, **extra)


def fresh_key() -> dict[str, Any]:
    """Return request options with a new idempotency key."""
    return {"idempotency_key": f"scenario-{uuid.uuid4()}"}
