"""The Gateway on the official Stripe SDK. Only this package imports stripe.

It works around defaults of stripe 16: no retries, a timeout of 80 s, telemetry that writes into
the home folder, and a webhook tolerance that checks only for old signatures.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar, cast

import stripe

from coursebook.domain.external_text import clean_line, storable
from coursebook.domain.installation import Installation
from coursebook.domain.money import CURRENCIES, Money
from coursebook.payments.gateway import (
    BadWebhook,
    CheckoutSessionRequest,
    DisputeFacts,
    MovementFacts,
    NoSuchObject,
    Page,
    PaymentFacts,
    PayoutFacts,
    RefundFacts,
    SessionFacts,
    StripeRefused,
    StripeUnreachable,
    WebhookFacts,
    installation_metadata,
)
from coursebook.payments.stripe_http import CountingHttp, OnAnswer
from coursebook.payments.translation import (
    MAX_TEXT,
    dispute_facts,
    movement_facts,
    payment_facts,
    payout_facts,
    refund_facts,
    session_facts,
    webhook_facts,
)

stripe.enable_telemetry = False

TIMEOUT = 10.0
MAX_FUTURE_SECONDS = 300
EXPAND = ["payment_intent.latest_charge"]
MAX_SEARCH_PAGES = 50
IMMEDIATE_METHODS, DELAYED_METHODS = ("card",), ("sepa_debit",)
"""Payment methods to offer, if the account has them: immediate ones, and ones that take days."""
T = TypeVar("T")


class StripeGateway:
    """Calls Stripe, or a compatible server at `api_base`."""

    def __init__(
        self,
        secret_key: str,
        webhook_secrets: tuple[str, ...],
        api_base: str = "",
        timeout: float = TIMEOUT,
        on_answer: OnAnswer = lambda _answer: None,
    ) -> None:
        """Raises ValueError for an empty key (the SDK itself would send an empty one)."""
        if not secret_key.strip():
            raise ValueError("empty Stripe key")
        self.livemode = secret_key.startswith(("sk_live_", "rk_live_"))
        self._secrets = webhook_secrets
        self._http = CountingHttp(timeout, on_answer)
        addresses: Any = {"base_addresses": {"api": api_base}} if api_base else {}
        self._client = stripe.StripeClient(
            secret_key, max_network_retries=2, http_client=self._http, **addresses
        )

    def params_for(self, request: CheckoutSessionRequest) -> dict[str, Any]:
        """Return the exact parameters of the create call, as docs.stripe.com defines them."""
        metadata = installation_metadata(request.maker) | {
            "booking_id": request.booking_id,
            "attempt": str(request.attempt_number),
        }
        metadata |= {"request_id": request.request_id} if request.request_id else {}
        params: dict[str, Any] = {
            "mode": "payment",
            "ui_mode": "hosted_page",
            "submit_type": "book",
            "client_reference_id": request.booking_id,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata},
            "success_url": request.success_url,
            "cancel_url": request.cancel_url,
            "expires_at": int(request.expires_at.timestamp()),
            "allowed_payment_method_types": [
                *IMMEDIATE_METHODS,
                *(DELAYED_METHODS if request.takes_debits else ()),
            ],
            "adaptive_pricing": {"enabled": False},
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": request.price.currency,
                        "unit_amount": request.price.amount,
                        "product_data": {"name": request.title},
                    },
                }
            ],
        }
        if request.email:
            params["customer_email"] = request.email
        return params

    async def create_session(self, params: dict[str, Any], key: str) -> SessionFacts:
        """Create a session, or return the one created with this key before."""
        sessions = self._client.v1.checkout.sessions
        with _Translated():
            session = await sessions.create_async(cast(Any, params), {"idempotency_key": key})
        return session_facts(_raw(session))

    async def session(self, session_id: str) -> SessionFacts:
        """Fetch a session with its payment. Raises NoSuchObject."""
        _require_id(session_id)
        with _Translated():
            session = await self._client.v1.checkout.sessions.retrieve_async(
                session_id, {"expand": EXPAND}
            )
        return session_facts(_raw(session))

    async def expire_session(self, session_id: str) -> None:
        """Expire an open session. Raises StripeRefused when it is not open."""
        _require_id(session_id)
        with _Translated():
            await self._client.v1.checkout.sessions.expire_async(session_id)

    async def find_session(
        self, booking_id: str, number: int, since: datetime, maker: Installation
    ) -> SessionFacts | None:
        """List the sessions created since then: Stripe cannot search them by metadata."""
        query: dict[str, Any] = {"limit": 100, "created": {"gte": int(since.timestamp())}}
        for _ in range(MAX_SEARCH_PAGES):
            with _Translated():
                page = _raw(await self._client.v1.checkout.sessions.list_async(cast(Any, query)))
            for raw in page["data"]:
                facts = session_facts(raw)
                if facts.maker not in ("", maker.id):
                    continue  # a copy of our database may have this booking and attempt too
                if facts.booking_id == booking_id and facts.attempt_number == number:
                    return await self.session(facts.id)
            if not page["has_more"]:
                return None
            query["starting_after"] = page["data"][-1]["id"]
        raise StripeUnreachable("Too many sessions to look through.")

    async def session_of_payment(self, payment_intent_id: str) -> SessionFacts | None:
        """Fetch the session of a PaymentIntent, if there is one."""
        _require_id(payment_intent_id)
        query: Any = {"payment_intent": payment_intent_id, "limit": 1}
        try:
            with _Translated():
                page = _raw(await self._client.v1.checkout.sessions.list_async(query))
        except NoSuchObject:  # Stripe does not document its answer for an unknown payment
            return None
        return await self.session(page["data"][0]["id"]) if page["data"] else None

    async def refund(
        self, payment_intent_id: str, amount: int, our_id: str, key: str, maker: Installation
    ) -> RefundFacts:
        """Refund `amount` minor units of a payment. The key makes a second call harmless."""
        _require_id(payment_intent_id)
        params: Any = {
            "payment_intent": payment_intent_id,
            "amount": amount,
            "metadata": installation_metadata(maker) | {"refund_id": our_id},
        }
        with _Translated():
            refund = await self._client.v1.refunds.create_async(params, {"idempotency_key": key})
        return refund_facts(_raw(refund))

    async def refunds_of(self, payment_intent_id: str) -> list[RefundFacts]:
        """List every refund of a payment, ours and others', newest first."""
        _require_id(payment_intent_id)
        with _Translated():
            page = _raw(
                await self._client.v1.refunds.list_async(
                    {"payment_intent": payment_intent_id, "limit": 100}
                )
            )
        return [refund_facts(raw) for raw in page["data"]]

    async def disputes_of(self, payment_intent_id: str) -> list[DisputeFacts]:
        """List every dispute of a payment, newest first."""
        _require_id(payment_intent_id)
        with _Translated():
            page = _raw(
                await self._client.v1.disputes.list_async(
                    {"payment_intent": payment_intent_id, "limit": 100}
                )
            )
        return [dispute_facts(raw) for raw in page["data"]]

    async def sessions_since(self, since: datetime, cursor: str | None) -> Page[SessionFacts]:
        """List the sessions created since then, each with its payment."""
        list_page = self._client.v1.checkout.sessions.list_async
        return await _page(
            list_page, session_facts, since, cursor, [f"data.{path}" for path in EXPAND]
        )

    async def payments_since(self, since: datetime, cursor: str | None) -> Page[PaymentFacts]:
        """List the payments created since then."""
        list_page = self._client.v1.payment_intents.list_async
        return await _page(list_page, payment_facts, since, cursor, ["data.latest_charge"])

    async def all_refunds_since(self, since: datetime, cursor: str | None) -> Page[RefundFacts]:
        """List the refunds created since then, by this and every other program."""
        return await _page(self._client.v1.refunds.list_async, refund_facts, since, cursor)

    async def all_disputes_since(self, since: datetime, cursor: str | None) -> Page[DisputeFacts]:
        """List the disputes opened since then on payments of any program."""
        return await _page(self._client.v1.disputes.list_async, dispute_facts, since, cursor)

    async def available_balance(self) -> tuple[Money, ...]:
        """Return what is available for refunds, one sum for each currency we support."""
        with _Translated():
            balance = _raw(await self._client.v1.balance.retrieve_async())
        return tuple(
            Money(int(row["amount"]), row["currency"])
            for row in balance["available"]
            if row["currency"] in CURRENCIES
        )

    async def movement_of_payment(self, payment_intent_id: str) -> MovementFacts | None:
        """Fetch the balance transaction of a payment; None while Stripe has none."""
        _require_id(payment_intent_id)
        with _Translated():
            intent = await self._client.v1.payment_intents.retrieve_async(
                payment_intent_id, {"expand": ["latest_charge.balance_transaction.source"]}
            )
        return _movement_in(_raw(intent).get("latest_charge"))

    async def movement_of_refund(self, stripe_refund_id: str) -> MovementFacts | None:
        """Fetch the balance transaction of a refund; None while Stripe has none."""
        _require_id(stripe_refund_id)
        with _Translated():
            refund = await self._client.v1.refunds.retrieve_async(
                stripe_refund_id, {"expand": ["balance_transaction"]}
            )
        return _movement_in(_raw(refund))

    async def movements_since(self, since: datetime, cursor: str | None) -> Page[MovementFacts]:
        """List the movements since then, of this and every other program."""
        list_page = self._client.v1.balance_transactions.list_async
        return await _page(list_page, movement_facts, since, cursor, ["data.source"])

    async def payout(self, payout_id: str) -> PayoutFacts:
        """Fetch a payout. Raises NoSuchObject."""
        _require_id(payout_id)
        with _Translated():
            return payout_facts(_raw(await self._client.v1.payouts.retrieve_async(payout_id)))

    async def payouts_since(self, since: datetime, cursor: str | None) -> Page[PayoutFacts]:
        """List the payouts made since then."""
        return await _page(self._client.v1.payouts.list_async, payout_facts, since, cursor)

    async def movements_of_payout(self, payout_id: str) -> list[MovementFacts]:
        """List everything that is in a payout, but for the payout itself."""
        _require_id(payout_id)
        movements: list[MovementFacts] = []
        query: dict[str, Any] = {"payout": payout_id, "limit": 100, "expand": ["data.source"]}
        while True:
            with _Translated():
                page = _raw(await self._client.v1.balance_transactions.list_async(cast(Any, query)))
            movements += [movement_facts(raw) for raw in page["data"] if raw["type"] != "payout"]
            if not page["has_more"]:
                return movements
            query["starting_after"] = page["data"][-1]["id"]

    def read_webhook(self, raw: bytes, signature: str | None, now: datetime) -> WebhookFacts:
        """Verify the signature with any of our secrets and read the event. Raises BadWebhook."""
        if not (signature or "").isascii():  # the SDK cannot compare it
            raise BadWebhook("The signature is missing, wrong or too old.")
        for secret in self._secrets:
            try:
                # Not construct_event: it builds SDK objects, and we store the plain JSON.
                stripe.WebhookSignature.verify_header(
                    raw, signature or "", secret, stripe.Webhook.DEFAULT_TOLERANCE
                )
                event = storable(json.loads(raw))
            except stripe.SignatureVerificationError:
                continue
            except (ValueError, RecursionError):
                raise BadWebhook("The body is not a Stripe event.") from None
            if _signed_at(signature or "") > now.timestamp() + MAX_FUTURE_SECONDS:
                raise BadWebhook("The signature is dated in the future.")
            if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
                raise BadWebhook("The body is not a Stripe event.")
            return webhook_facts(event)
        raise BadWebhook("The signature is missing, wrong or too old.")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]


class _Translated:
    """Translate the SDK's exceptions into ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if (
            isinstance(error, stripe.InvalidRequestError)
            and error.http_status == HTTPStatus.NOT_FOUND
        ):
            raise NoSuchObject(_message_of(error), error.code) from error
        if isinstance(
            error,
            stripe.InvalidRequestError
            | stripe.IdempotencyError
            | stripe.CardError
            | stripe.AuthenticationError
            | stripe.PermissionError,
        ):
            parameter = getattr(error, "param", None)
            raise StripeRefused(_message_of(error), error.code, parameter) from error
        if isinstance(error, stripe.StripeError):
            raise StripeUnreachable(_message_of(error)) from error


async def _page(
    list_page: Callable[..., Awaitable[stripe.StripeObject]],
    read: Callable[[dict[str, Any]], T],
    since: datetime,
    cursor: str | None,
    expand: Sequence[str] = (),
) -> Page[T]:
    query: dict[str, Any] = {"limit": 100, "created": {"gte": int(since.timestamp())}}
    query |= {"starting_after": cursor} if cursor else {}
    query |= {"expand": list(expand)} if expand else {}
    with _Translated():
        page = _raw(await list_page(query))
    next_cursor = page["data"][-1]["id"] if page["has_more"] else None
    return Page(tuple(read(raw) for raw in page["data"]), next_cursor)


def _movement_in(raw: object) -> MovementFacts | None:
    """Read the expanded balance transaction of a charge or a refund."""
    movement = raw.get("balance_transaction") if isinstance(raw, dict) else None
    return movement_facts(movement) if isinstance(movement, dict) else None


def _message_of(error: stripe.StripeError) -> str:
    return clean_line(str(error.user_message or error), MAX_TEXT)


def _require_id(some_id: str) -> None:
    if not some_id:  # with an empty id the SDK would call the list endpoint
        raise NoSuchObject("There is no id to ask for.")


def _raw(obj: stripe.StripeObject) -> dict[str, Any]:
    raw: dict[str, Any] = storable(obj.to_dict(for_json=True))
    return raw


def _signed_at(header: str) -> float:
    stamps = [part[2:] for part in header.split(",") if part.startswith("t=")]
    return float(stamps[0]) if stamps and stamps[0].isdigit() else 0.0
