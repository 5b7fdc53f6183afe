"""Scenarios of lists, cursors and expansion."""

import pytest
import stripe

from tests.contract.scenarios.backend import Backend
from tests.contract.scenarios.registry import LEFTOVER, PERSON, scenario
from tests.contract.scenarios.sessions import refusal_of


@scenario("sessions are listed newest first, in pages both ways")
def pages(backend: Backend) -> None:
    session_ids = [backend.open().id for _ in range(4)][::-1]
    first = backend.sessions.list({"limit": 2})
    assert ([s.id for s in first.data], first.has_more) == (session_ids[:2], True)
    second = backend.sessions.list({"limit": 2, "starting_after": session_ids[1]})
    assert [s.id for s in second.data] == session_ids[2:]
    back = backend.sessions.list({"limit": 2, "ending_before": session_ids[2]})
    assert [s.id for s in back.data] == session_ids[:2]
    walked = zip(first.auto_paging_iter(), range(4), strict=False)
    assert [s.id for s, _ in walked] == session_ids


@scenario("sessions are listed by status and by time")
def by_status(backend: Backend) -> None:
    session = backend.open()
    backend.sessions.expire(session.id)
    listed = backend.sessions.list({"status": "expired", "limit": 1}).data
    assert [s.id for s in listed] == [session.id]
    since = {"created": {"gte": session.created}, "limit": 100}
    assert session.id in [s.id for s in backend.sessions.list(since).data]
    assert backend.sessions.list({"created": {"gt": session.created + 3600}}).data == []


@scenario("sessions are listed by payment", needs=PERSON)
def by_payment(backend: Backend) -> None:
    session = backend.paid()
    listed = backend.sessions.list({"payment_intent": session.payment_intent}).data
    assert [s.id for s in listed] == [session.id]


@scenario("line items come in pages")
def line_items(backend: Backend) -> None:
    price = {"currency": "usd", "unit_amount": 1000, "product_data": {"name": "Rope"}}
    session = backend.open(line_items=[{"quantity": n, "price_data": price} for n in (1, 2, 3)])
    items = backend.sessions.line_items
    first = items.list(session.id, {"limit": 2})
    assert first.has_more
    rest = items.list(session.id, {"limit": 2, "starting_after": first.data[-1].id})
    assert (len(rest.data), rest.has_more) == (1, False)
    quantities = sorted(item.quantity for item in [*first.data, *rest.data])
    assert quantities == [1, 2, 3]


@scenario("a session is expanded down to the product")
def expand(backend: Backend) -> None:
    options = {"expand": ["line_items.data.price.product", "total_details.breakdown"]}
    session = backend.sessions.retrieve(backend.open().id, options)
    assert session.line_items.data[0].price.product.name == "Bread for beginners"
    assert session.total_details.breakdown.discounts == []


@scenario("every reference of a payment can be expanded", needs=PERSON)
def expand_all(backend: Backend) -> None:
    session = backend.paid()
    refund = backend.client.v1.refunds.create({"payment_intent": session.payment_intent})
    paths = ["charge.payment_intent", "charge.balance_transaction", "balance_transaction.source"]
    fetched_refund = backend.client.v1.refunds.retrieve(refund.id, {"expand": paths})
    assert fetched_refund.charge.payment_intent.id == session.payment_intent
    assert fetched_refund.charge.balance_transaction.amount == 4500
    assert fetched_refund.balance_transaction.source.id == refund.id


@scenario("what cannot be expanded is refused")
def expand_nonsense(backend: Backend) -> None:
    key = backend.open().id
    refusal = refusal_of(backend.sessions.retrieve, key, {"expand": ["nonsense"]})
    assert "cannot be expanded" in str(refusal.user_message)


@scenario("a null reference stays null when it is expanded")
def expand_null(backend: Backend) -> None:
    options = {"expand": ["payment_intent", "customer"]}
    session = backend.sessions.retrieve(backend.open().id, options)
    assert (session.payment_intent, session.customer) == (None, None)


@scenario("a limit out of bounds is refused")
def limit(backend: Backend) -> None:
    for wanted in (0, 101):
        assert refusal_of(backend.client.v1.refunds.list, {"limit": wanted}).http_status == 400


@scenario("an unknown cursor is refused")
def cursor(backend: Backend) -> None:
    query = {"starting_after": "ch_nobody"}
    assert refusal_of(backend.client.v1.charges.list, query).param == "starting_after"


@scenario("lists are read with the asynchronous SDK")
def listed_async(backend: Backend) -> None:
    backend.open()

    async def work(client: stripe.StripeClient) -> list[str]:
        listed = await client.v1.checkout.sessions.list_async({"limit": 1})
        return [s.object async for s, _ in _first(listed)]

    async def _first(listed: object) -> object:
        number = 0
        async for each in listed.auto_paging_iter():  # type: ignore[attr-defined]
            yield each, number
            number += 1
            if number == 1:
                return

    assert backend.run_async(work) == ["checkout.session"]


@scenario("the balance is told in the currencies of the account")
def balance(backend: Backend) -> None:
    found = backend.client.v1.balance.retrieve()
    assert found.object == "balance"
    assert all(isinstance(row.amount, int) for row in found.available)


@scenario("the balance moves with payments, refunds and disputes", needs=PERSON)
def balance_moves(backend: Backend) -> None:
    def held() -> int:
        rows = backend.client.v1.balance.retrieve().available
        return {row.currency: row.amount for row in rows}.get("sek", 0)

    before = held()
    session = backend.paid(amount=9000, currency="sek")
    charge = backend.charge_of(session)
    fee = backend.client.v1.balance_transactions.retrieve(charge.balance_transaction).fee
    assert held() == before + 9000 - fee
    backend.client.v1.refunds.create({"payment_intent": session.payment_intent, "amount": 2000})
    assert held() == before + 7000 - fee
    reason = "product_not_received"
    dispute = backend.control(f"charges/{charge.id}/dispute", reason=reason)["dispute"]
    fees = fee + dispute["balance_transactions"][0]["fee"]
    assert held() == before - fees
    backend.control(f"disputes/{dispute['id']}/close", outcome="won")
    assert held() == before + 7000 - fees


@scenario("webhook endpoints are made, found and listed", needs=LEFTOVER)
def endpoints(backend: Backend) -> None:
    calls = backend.client.v1.webhook_endpoints
    parameters = {"url": "http://localhost:9/hook", "enabled_events": ["refund.created"]}
    endpoint = calls.create(parameters)
    assert endpoint.secret.startswith("whsec_")
    found = calls.retrieve(endpoint.id)
    assert (found.url, found.enabled_events) == (endpoint.url, ["refund.created"])
    with pytest.raises(AttributeError):
        _ = found.secret
    assert endpoint.id in [one.id for one in calls.list({"limit": 100}).data]
