"""Refunds: full, partial, too much, twice, pending and failing later."""

import pytest
import stripe

from tests.support import cards


@pytest.fixture
def paid(open_session, sandbox):
    """Pay with a card; returns the id of the PaymentIntent."""

    def pay(card: str = cards.VISA) -> str:
        return str(sandbox.pay(open_session().id, card)["session"]["payment_intent"])

    return pay


def test_a_full_refund_gives_all_back(client, paid, receiver):
    intent = paid()
    notes = {"booking_id": "b1"}
    refund = client.v1.refunds.create(
        {"payment_intent": intent, "reason": "requested_by_customer", "metadata": notes}
    )
    assert (refund.status, refund.amount, refund.payment_intent) == ("succeeded", 4500, intent)
    charge = client.v1.charges.retrieve(refund.charge, {"expand": ["refunds"]})
    assert (charge.refunded, charge.amount_refunded) == (True, 4500)
    assert charge.refunds.data[0].id == refund.id
    assert client.v1.refunds.retrieve(refund.id).metadata["booking_id"] == "b1"
    receiver.wait(lambda r: {"refund.created", "charge.refunded"} <= set(r.of(intent)))


def test_partial_refunds_add_up_and_then_it_is_enough(client, paid):
    intent = paid()
    for amount in (1500, 3000):
        client.v1.refunds.create({"payment_intent": intent, "amount": amount})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent})
    assert refusal.value.code == "charge_already_refunded"
    listed = client.v1.refunds.list({"payment_intent": intent})
    assert [refund.amount for refund in listed.data] == [3000, 1500]


def test_more_than_was_paid_cannot_be_refunded(client, paid):
    intent = paid()
    with pytest.raises(stripe.InvalidRequestError, match="greater than charge amount") as first:
        client.v1.refunds.create({"payment_intent": intent, "amount": 4501})
    assert first.value.param == "amount"
    client.v1.refunds.create({"payment_intent": intent, "amount": 1000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        client.v1.refunds.create({"payment_intent": intent, "amount": 3501})


def test_a_payment_that_was_not_made_cannot_be_refunded(client, open_session, sandbox):
    payment = sandbox.pay(open_session().id, cards.DECLINED)
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        client.v1.refunds.create({"payment_intent": payment["session"]["payment_intent"]})


def test_a_refund_needs_a_payment(client):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"amount": 100})


def test_one_card_refunds_slowly(client, paid, sandbox, receiver):
    intent = paid(cards.REFUND_PENDING)
    refund = client.v1.refunds.create({"payment_intent": intent})
    assert refund.status == "pending"
    sandbox.control("clock/advance", seconds=61)
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
    receiver.wait(lambda r: r.has(refund.id, "refund.created", "refund.updated"))


def test_one_card_lets_a_refund_fail_later(client, paid, sandbox, receiver):
    intent = paid(cards.REFUND_FAILS)
    refund = client.v1.refunds.create({"payment_intent": intent})
    assert refund.status == "succeeded"
    sandbox.control("clock/advance", seconds=61)
    failed = client.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    assert client.v1.charges.retrieve(refund.charge).amount_refunded == 0
    told = ["refund.created", "refund.updated", "refund.failed"]
    receiver.wait(lambda r: r.has(refund.id, *told))
    assert client.v1.refunds.create({"payment_intent": intent}).amount == 4500


def test_a_test_control_lets_any_refund_fail_once(client, paid, sandbox):
    refund = client.v1.refunds.create({"payment_intent": paid()})
    assert sandbox.control(f"refunds/{refund.id}/fail")["refund"]["status"] == "failed"
    with pytest.raises(AssertionError, match="cannot fail"):
        sandbox.control(f"refunds/{refund.id}/fail")


def test_a_test_control_refunds_as_the_dashboard_does(client, paid, sandbox, receiver):
    intent = paid()
    charge = client.v1.payment_intents.retrieve(intent).latest_charge
    result = sandbox.control(f"charges/{charge}/refund", amount=500)["refund"]
    receiver.wait(lambda r: {"refund.created", "charge.refunded"} <= set(r.of(intent)))
    assert client.v1.refunds.list({"charge": charge}).data[0].id == result["id"]


def test_a_bank_debit_can_be_refunded(client, paid, sandbox):
    intent = paid(cards.DEBIT_SUCCEEDS)
    sandbox.control("clock/advance", seconds=1)
    assert client.v1.refunds.create({"payment_intent": intent}).status == "succeeded"
