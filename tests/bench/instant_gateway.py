"""A gateway whose calls take no time, so that only our own work is measured.

Parameters, signatures and events are those of the real gateway; only the network is missing.
"""

from datetime import UTC, datetime
from typing import Any

from coursebook.domain.settlement import CheckoutSessionStatus
from coursebook.payments.gateway import NoSuchObject, RefundFacts, SessionFacts
from coursebook.payments.stripe_gateway import StripeGateway


class InstantGateway(StripeGateway):
    """Answers at once and reports every session as paid."""

    _made: dict[str, dict[str, Any]]

    async def create_session(self, params: dict[str, Any], key: str) -> SessionFacts:  # noqa: ARG002
        """Return an open session."""
        session_id = f"cs_test_{params['client_reference_id']}"
        self.__dict__.setdefault("_made", {})[session_id] = params
        return self._facts(session_id, CheckoutSessionStatus.OPEN)

    async def session(self, session_id: str) -> SessionFacts:
        """Return a paid session."""
        return self._facts(session_id, CheckoutSessionStatus.PAID)

    async def refunds_of(self, payment_intent_id: str) -> list[RefundFacts]:  # noqa: ARG002
        """There are no refunds here."""
        return []

    def _facts(self, session_id: str, status: CheckoutSessionStatus) -> SessionFacts:
        params = self.__dict__.get("_made", {}).get(session_id)
        if params is None:
            raise NoSuchObject(session_id)
        price = params["line_items"][0]["price_data"]
        is_open = status is CheckoutSessionStatus.OPEN
        return SessionFacts(
            id=session_id,
            status=status,
            url=f"http://localhost:3001/pay/{session_id}" if is_open else None,
            amount=price["unit_amount"],
            currency=price["currency"],
            mode="payment",
            livemode=False,
            maker="",
            booking_id=params["client_reference_id"],
            attempt_number=1,
            payment_intent_id=None if is_open else session_id.replace("cs_test", "pi"),
            last_error=None,
            receipt_url=None,
            expires_at=datetime.fromtimestamp(params["expires_at"], UTC),
            charged=0 if is_open else price["unit_amount"],
            refunded=0,
            is_disputed=False,
            taken_at=None if is_open else datetime.now(UTC),
            created=datetime.now(UTC),
        )
