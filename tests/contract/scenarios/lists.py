"""Scenarios of lists, cursors and expansion."""

import pytest
import stripe

from tests.contract.scenarios.backend import Stage
from tests.contract.scenarios.registry import LEFTOVER, PERSON, scenario
from tests.contract.scenarios.sessions import refusal_of


@scenario("sessions are listed newest first, in pages both ways")
def pages(stage: Stage) -> None:
    made = [stage.open().id for _ in range(4)][::-1]
    first = stage.sessions.list({"limit": 2})
    assert ([s.id for s in first.data], first.has_more) == (made[:2], True)
    second = stage.sessions.list({"limit": 2, "starting_after": made[1]})
    assert [s.id for s in second.data] == made[2:]
    back = stage.sessions.list({"limit": 2, "ending_before": made[2]})
    assert [s.id for s in back.data] == made[:2]
    walked = zip(first.auto_paging_iter(), range(4), strict=False)
    assert [s.id for s, _ in walked] == made


@scenario("sessions are listed by status and by time")
def by_status(stage: Stage) -> None:
    session = stage.open()
    stage.sessions.expire(session.id)
    listed = stage.sessions.list({"status": "expired", "limit": 1}).data
    assert [s.id for s in listed] == [session.id]
    since = {"created": {"gte": session.created}, "limit": 100}
    assert session.id in [s.id for s in stage.sessions.list(since).data]
    assert stage.sessions.list({"created": {"gt": session.created + 3600}}).data == []


@scenario("sessions are listed by payment", needs=PERSON)
def by_payment(stage: Stage) -> None:
    session = stage.paid()
    listed = stage.sessions.list({"payment_intent": session.payment_intent}).data
    assert [s.id for s in listed] == [session.id]


@scenario("line items come in pages")
def line_items(stage: Stage) -> None:
    price = {"currency": "usd", "unit_amount": 1000, "product_data": {"name": "Rope"}}
    session = stage.open(line_items=[{"quantity": n, "price_data": price} for n in (1, 2, 3)])
    items = stage.sessions.line_items
    first = items.list(session.id, {"limit": 2})
    assert first.has_more
    rest = items.list(session.id, {"limit": 2, "starting_after": first.data[-1].id})
    assert (len(rest.data), rest.has_more) == (1, False)
    quantities = sorted(item.quantity for item in [*first.data, *rest.data])
    assert quantities == [1, 2, 3]


@scenario("a session is expanded down to the product")
def expand(stage: Stage) -> None:
    wanted = {"expand": ["line_items.data.price.product", "total_details.breakdown"]}
    session = stage.sessions.retrieve(stage.open().id, wanted)
    assert session.line_items.data[0].price.product.name == "Bread for beginners"
    assert session.total_details.breakdown.discounts == []


@scenario("every reference of a payment can be expanded", needs=PERSON)
def expand_all(stage: Stage) -> None:
    session = stage.paid()
    refund = stage.client.v1.refunds.create({"payment_intent": session.payment_intent})
    paths = ["charge.payment_intent", "charge.balance_transaction", "balance_transaction.source"]
    found = stage.client.v1.refunds.retrieve(refund.id, {"expand": paths})
    assert found.charge.payment_intent.id == session.payment_intent
    assert found.charge.balance_transaction.net == 4500
    assert found.balance_transaction.source.id == refund.id


@scenario("what cannot be expanded is refused")
def expand_nonsense(stage: Stage) -> None:
    key = stage.open().id
    refusal = refusal_of(stage.sessions.retrieve, key, {"expand": ["nonsense"]})
    assert "cannot be expanded" in str(refusal.user_message)


@scenario("a null reference stays null when it is expanded")
def expand_null(stage: Stage) -> None:
    wanted = {"expand": ["payment_intent", "customer"]}
    session = stage.sessions.retrieve(stage.open().id, wanted)
    assert (session.payment_intent, session.customer) == (None, None)


@scenario("a limit out of bounds is refused")
def limit(stage: Stage) -> None:
    for wanted in (0, 101):
        assert refusal_of(stage.client.v1.refunds.list, {"limit": wanted}).http_status == 400


@scenario("an unknown cursor is refused")
def cursor(stage: Stage) -> None:
    wanted = {"starting_after": "ch_nobody"}
    assert refusal_of(stage.client.v1.charges.list, wanted).param == "starting_after"


@scenario("lists are read with the asynchronous SDK")
def listed_async(stage: Stage) -> None:
    stage.open()

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

    assert stage.run_async(work) == ["checkout.session"]


@scenario("the balance is told in the currencies of the account")
def balance(stage: Stage) -> None:
    found = stage.client.v1.balance.retrieve()
    assert found.object == "balance"
    assert all(isinstance(row.amount, int) for row in found.available)


@scenario("the balance moves with payments, refunds and disputes", needs=PERSON)
def balance_moves(stage: Stage) -> None:
    def held() -> int:
        rows = stage.client.v1.balance.retrieve().available
        return {row.currency: row.amount for row in rows}.get("sek", 0)

    before = held()
    session = stage.paid(amount=9000, currency="sek")
    assert held() == before + 9000
    stage.client.v1.refunds.create({"payment_intent": session.payment_intent, "amount": 2000})
    assert held() == before + 7000
    charge = stage.charge_of(session).id
    dispute = stage.lever(f"charges/{charge}/dispute", reason="product_not_received")["dispute"]
    assert held() == before
    stage.lever(f"disputes/{dispute['id']}/close", outcome="won")
    assert held() == before + 7000


@scenario("webhook endpoints are made, found and listed", needs=LEFTOVER)
def endpoints(stage: Stage) -> None:
    calls = stage.client.v1.webhook_endpoints
    wanted = {"url": "http://localhost:9/hook", "enabled_events": ["refund.created"]}
    made = calls.create(wanted)
    assert made.secret.startswith("whsec_")
    found = calls.retrieve(made.id)
    assert (found.url, found.enabled_events) == (made.url, ["refund.created"])
    with pytest.raises(AttributeError):
        _ = found.secret
    assert made.id in [one.id for one in calls.list({"limit": 100}).data]
