"""The Gateway on the official Stripe SDK. The only module that imports stripe.

Traps of stripe 16 that are handled here: no retries and an 80 s timeout by default, telemetry that
writes into the home folder, a webhook tolerance that looks into the past only.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar, cast

import stripe

from coursebook.domain.external_text import clean_line, storable
from coursebook.domain.installation import Installation
from coursebook.payments.gateway import (
    BadWebhook,
    CheckoutAsk,
    DisputeFacts,
    NoSuchObject,
    Page,
    PaymentFacts,
    RefundFacts,
    SessionFacts,
    StripeRefused,
    StripeUnreachable,
    WebhookFacts,
    mark_of,
)
from coursebook.payments.stripe_http import Noted, NotedHttp
from coursebook.payments.translation import (
    LONGEST_SENTENCE,
    dispute_facts,
    payment_facts,
    refund_facts,
    session_facts,
    webhook_facts,
)

stripe.enable_telemetry = False

TIMEOUT_SECONDS = 10.0
MAX_FUTURE_SECONDS = 300
EXPAND = ["payment_intent.latest_charge"]
FIND_PAGES = 50
AT_ONCE, DELAYED = ("card",), ("sepa_debit",)
"""Ways to pay that are offered, if the account has them: money at once, and after days."""
T = TypeVar("T")


class StripeGateway:
    """Talks to Stripe, or to a server that speaks like it at `api_base`."""

    def __init__(
        self,
        secret_key: str,
        webhook_secrets: tuple[str, ...],
        api_base: str = "",
        timeout: float = TIMEOUT_SECONDS,
        noted: Noted = lambda _answer: None,
    ) -> None:
        """Raises ValueError for an empty key (the SDK itself would send an empty one)."""
        if not secret_key.strip():
            raise ValueError("empty Stripe key")
        self.livemode = secret_key.startswith(("sk_live_", "rk_live_"))
        self._secrets = webhook_secrets
        self._http = NotedHttp(timeout, noted)
        addresses: Any = {"base_addresses": {"api": api_base}} if api_base else {}
        self._client = stripe.StripeClient(
            secret_key, max_network_retries=2, http_client=self._http, **addresses
        )

    def params_for(self, ask: CheckoutAsk) -> dict[str, Any]:
        """Return the exact parameters of the create call, as docs.stripe.com has them."""
        mark = mark_of(ask.maker) | {
            "booking_id": ask.booking_id,
            "attempt": str(ask.attempt_number),
        }
        mark |= {"request_id": ask.request_id} if ask.request_id else {}
        params: dict[str, Any] = {
            "mode": "payment",
            "ui_mode": "hosted_page",
            "submit_type": "book",
            "client_reference_id": ask.booking_id,
            "metadata": mark,
            "payment_intent_data": {"metadata": mark},
            "success_url": ask.success_url,
            "cancel_url": ask.cancel_url,
            "expires_at": int(ask.expires_at.timestamp()),
            "allowed_payment_method_types": [*AT_ONCE, *(DELAYED if ask.takes_debits else ())],
            "adaptive_pricing": {"enabled": False},
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": ask.price.currency,
                        "unit_amount": ask.price.amount,
                        "product_data": {"name": ask.title},
                    },
                }
            ],
        }
        if ask.email:
            params["customer_email"] = ask.email
        return params

    async def create_session(self, params: dict[str, Any], key: str) -> SessionFacts:
        """Create a session, or get the one that this key made before."""
        sessions = self._client.v1.checkout.sessions
        with _Translated():
            made = await sessions.create_async(cast(Any, params), {"idempotency_key": key})
        return session_facts(_raw(made))

    async def session(self, session_id: str) -> SessionFacts:
        """Fetch a session with its payment. Raises NoSuchObject."""
        _need(session_id)
        with _Translated():
            found = await self._client.v1.checkout.sessions.retrieve_async(
                session_id, {"expand": EXPAND}
            )
        return session_facts(_raw(found))

    async def expire_session(self, session_id: str) -> None:
        """Close an open session. StripeRefused when it is not open any more."""
        _need(session_id)
        with _Translated():
            await self._client.v1.checkout.sessions.expire_async(session_id)

    async def find_session(
        self, booking_id: str, number: int, since: datetime, maker: Installation
    ) -> SessionFacts | None:
        """Page through the sessions made since then: they cannot be searched by metadata."""
        query: dict[str, Any] = {"limit": 100, "created": {"gte": int(since.timestamp())}}
        for _ in range(FIND_PAGES):
            with _Translated():
                page = _raw(await self._client.v1.checkout.sessions.list_async(cast(Any, query)))
            for raw in page["data"]:
                facts = session_facts(raw)
                if facts.maker not in ("", maker.id):
                    continue  # a copy of our database may have a booking and attempt of this name
                if facts.booking_id == booking_id and facts.attempt_number == number:
                    return await self.session(facts.id)
            if not page["has_more"]:
                return None
            query["starting_after"] = page["data"][-1]["id"]
        raise StripeUnreachable("Too many sessions to look through.")

    async def session_of_payment(self, payment_intent_id: str) -> SessionFacts | None:
        """Fetch the session that a PaymentIntent belongs to, if there is one."""
        _need(payment_intent_id)
        query: Any = {"payment_intent": payment_intent_id, "limit": 1}
        try:
            with _Translated():
                page = _raw(await self._client.v1.checkout.sessions.list_async(query))
        except NoSuchObject:  # not documented whether an unknown payment is refused or has none
            return None
        return await self.session(page["data"][0]["id"]) if page["data"] else None

    async def refund(
        self, payment_intent_id: str, amount: int, our_id: str, key: str, maker: Installation
    ) -> RefundFacts:
        """Give `amount` minor units of a payment back; the key makes a second call harmless."""
        _need(payment_intent_id)
        params: Any = {
            "payment_intent": payment_intent_id,
            "amount": amount,
            "metadata": mark_of(maker) | {"refund_id": our_id},
        }
        with _Translated():
            made = await self._client.v1.refunds.create_async(params, {"idempotency_key": key})
        return refund_facts(_raw(made))

    async def refunds_of(self, payment_intent_id: str) -> list[RefundFacts]:
        """List every refund of a payment, ours and others', newest first."""
        _need(payment_intent_id)
        with _Translated():
            page = _raw(
                await self._client.v1.refunds.list_async(
                    {"payment_intent": payment_intent_id, "limit": 100}
                )
            )
        return [refund_facts(raw) for raw in page["data"]]

    async def disputes_of(self, payment_intent_id: str) -> list[DisputeFacts]:
        """List every dispute of a payment, newest first."""
        _need(payment_intent_id)
        with _Translated():
            page = _raw(
                await self._client.v1.disputes.list_async(
                    {"payment_intent": payment_intent_id, "limit": 100}
                )
            )
        return [dispute_facts(raw) for raw in page["data"]]

    async def sessions_since(self, since: datetime, cursor: str | None) -> Page[SessionFacts]:
        """List the sessions made since then, each with its payment."""
        ask = self._client.v1.checkout.sessions.list_async
        return await _page(ask, session_facts, since, cursor, [f"data.{path}" for path in EXPAND])

    async def payments_since(self, since: datetime, cursor: str | None) -> Page[PaymentFacts]:
        """List the payments made since then."""
        ask = self._client.v1.payment_intents.list_async
        return await _page(ask, payment_facts, since, cursor, ["data.latest_charge"])

    async def all_refunds_since(self, since: datetime, cursor: str | None) -> Page[RefundFacts]:
        """List the refunds made since then, of this and of every other program."""
        return await _page(self._client.v1.refunds.list_async, refund_facts, since, cursor)

    async def all_disputes_since(self, since: datetime, cursor: str | None) -> Page[DisputeFacts]:
        """List the disputes opened since then, of this and of every other program."""
        return await _page(self._client.v1.disputes.list_async, dispute_facts, since, cursor)

    def read_webhook(self, raw: bytes, signature: str | None, now: datetime) -> WebhookFacts:
        """Verify the signature with any of our secrets and read the event. Raises BadWebhook."""
        if not (signature or "").isascii():  # the SDK cannot compare it
            raise BadWebhook("The signature is missing, wrong or too old.")
        for secret in self._secrets:
            try:
                # Not construct_event: it makes an object of every part of what we keep as JSON.
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
        """Give connections back."""
        await self._http.close_async()  # type: ignore[no-untyped-call]


class _Translated:
    """Turns the SDK's exceptions into ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if (
            isinstance(problem, stripe.InvalidRequestError)
            and problem.http_status == HTTPStatus.NOT_FOUND
        ):
            raise NoSuchObject(_said(problem), problem.code) from problem
        if isinstance(
            problem,
            stripe.InvalidRequestError
            | stripe.IdempotencyError
            | stripe.CardError
            | stripe.AuthenticationError
            | stripe.PermissionError,
        ):
            parameter = getattr(problem, "param", None)
            raise StripeRefused(_said(problem), problem.code, parameter) from problem
        if isinstance(problem, stripe.StripeError):
            raise StripeUnreachable(_said(problem)) from problem


async def _page(
    ask: Callable[..., Awaitable[stripe.StripeObject]],
    read: Callable[[dict[str, Any]], T],
    since: datetime,
    cursor: str | None,
    expand: Sequence[str] = (),
) -> Page[T]:
    query: dict[str, Any] = {"limit": 100, "created": {"gte": int(since.timestamp())}}
    query |= {"starting_after": cursor} if cursor else {}
    query |= {"expand": list(expand)} if expand else {}
    with _Translated():
        page = _raw(await ask(query))
    following = page["data"][-1]["id"] if page["has_more"] else None
    return Page(tuple(read(raw) for raw in page["data"]), following)


def _said(problem: stripe.StripeError) -> str:
    return clean_line(str(problem.user_message or problem), LONGEST_SENTENCE)


def _need(some_id: str) -> None:
    if not some_id:  # the SDK would ask the list address with an empty id
        raise NoSuchObject("There is no id to ask for.")


def _raw(obj: stripe.StripeObject) -> dict[str, Any]:
    told: dict[str, Any] = storable(obj.to_dict(for_json=True))
    return told


def _signed_at(header: str) -> float:
    stamps = [part[2:] for part in header.split(",") if part.startswith("t=")]
    return float(stamps[0]) if stamps and stamps[0].isdigit() else 0.0
