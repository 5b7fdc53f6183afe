"""The effect of a payment attempt on session, PaymentIntent and charge."""

import pytest
import stripe

from tests.support import cards

PAID = ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]
FEES = {cards.VISA: 93, cards.MASTERCARD: 93, cards.AMEX: 171}
"""1.5 % and 25 cents of 45.00 for a card of the EEA, 3.25 % and 25 cents for others."""
DECLINES = {
    cards.DECLINED: ("card_declined", "generic_decline"),
    cards.INSUFFICIENT_FUNDS: ("card_declined", "insufficient_funds"),
    cards.LOST: ("card_declined", "lost_card"),
    cards.STOLEN: ("card_declined", "stolen_card"),
    cards.EXPIRED: ("expired_card", None),
    cards.WRONG_CVC: ("incorrect_cvc", None),
    cards.PROCESSING_ERROR: ("processing_error", None),
}


@pytest.mark.parametrize("card", [cards.VISA, cards.MASTERCARD, cards.AMEX])
def test_a_good_card_completes_the_session(client, open_session, sandbox, card):
    session = open_session()
    assert sandbox.pay(session.id, card, email="sally@example.test")["outcome"] == "paid"
    options = {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items"]}
    paid = client.v1.checkout.sessions.retrieve(session.id, options)
    intent = paid.payment_intent
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details.email == "sally@example.test"
    assert (intent.status, intent.amount_received) == ("succeeded", 4500)
    assert intent.metadata["app"] == "coursebook"
    assert intent.latest_charge.payment_method_details.card.last4 == card[-4:]
    movement, fee = intent.latest_charge.balance_transaction, FEES[card]
    assert (movement.amount, movement.fee, movement.net) == (4500, fee, 4500 - fee)


def test_a_payment_is_told_in_stripes_order(client, open_session, sandbox, receiver):
    paid = sandbox.pay(open_session().id)["session"]
    listed = client.v1.events.list({"types": PAID, "limit": len(PAID)}).data  # the newest first
    assert [event.type for event in listed][::-1] == PAID
    receiver.wait(lambda r: r.has(paid["payment_intent"], *PAID))


@pytest.mark.parametrize("card", list(DECLINES))
def test_a_declined_card_leaves_the_session_open(client, open_session, sandbox, card):
    session = open_session()
    payment = sandbox.pay(session.id, card)
    assert payment["outcome"] == "declined"
    fetched_session = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent"]}
    )
    error = fetched_session.payment_intent.last_payment_error
    assert (fetched_session.status, fetched_session.payment_status) == ("open", "unpaid")
    assert fetched_session.payment_intent.status == "requires_payment_method"
    code, reason = DECLINES[card]
    assert (error.code, getattr(error, "decline_code", None)) == (code, reason)
    assert error.message == payment["message"]


def test_after_a_decline_another_card_pays_the_same_payment_intent(client, open_session, sandbox):
    session = open_session()
    declined = sandbox.pay(session.id, cards.DECLINED)["session"]
    paid = sandbox.pay(session.id)["session"]
    assert paid["payment_intent"] == declined["payment_intent"]
    charges = client.v1.charges.list({"payment_intent": paid["payment_intent"]})
    assert [charge.status for charge in charges.data] == ["succeeded", "failed"]
    intent = client.v1.payment_intents.retrieve(paid["payment_intent"])
    assert intent.last_payment_error is None


def test_a_declined_card_is_told_as_failed(client, open_session, sandbox, receiver):
    payment = sandbox.pay(open_session().id, cards.DECLINED)["session"]
    failed = ["charge.failed", "payment_intent.payment_failed"]
    receiver.wait(lambda r: r.has(payment["payment_intent"], *failed))
    events = client.v1.events.list({"type": "payment_intent.payment_failed"}).data
    intent = events[0].data.object
    assert (intent.object, intent.id) == ("payment_intent", payment["payment_intent"])
    assert intent.metadata.to_dict() == {"booking_id": "b1", "app": "coursebook"}
    assert (intent.status, intent.last_payment_error.type) == (
        "requires_payment_method",
        "card_error",
    )


def test_a_session_that_expires_cancels_its_started_payment(client, open_session, sandbox):
    session = open_session()
    intent = sandbox.pay(session.id, cards.DECLINED)["session"]["payment_intent"]
    client.v1.checkout.sessions.expire(session.id)
    assert client.v1.payment_intents.retrieve(intent).status == "canceled"


def test_a_challenge_can_be_passed_failed_or_left(client, open_session, sandbox):
    session = open_session()
    left = sandbox.pay(session.id, cards.AUTHENTICATION, challenge="leave")
    assert left["outcome"] == "challenged"
    intent = client.v1.payment_intents.retrieve(left["session"]["payment_intent"])
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    failed = sandbox.pay(session.id, cards.AUTHENTICATION, challenge="fail")
    assert failed["outcome"] == "declined"
    error = client.v1.payment_intents.retrieve(intent.id).last_payment_error
    assert error.code == "payment_intent_authentication_failure"
    assert sandbox.pay(session.id, cards.AUTHENTICATION_ALWAYS)["outcome"] == "paid"


def test_a_card_may_be_declined_after_its_challenge(open_session, sandbox):
    payment = sandbox.pay(open_session().id, cards.AUTHENTICATION_DECLINED)
    assert (payment["outcome"], payment["message"]) == ("declined", "Your card was declined.")


@pytest.mark.parametrize(
    ("account", "payment_status", "last"),
    [
        (cards.DEBIT_SUCCEEDS_LATER, "paid", "checkout.session.async_payment_succeeded"),
        (cards.DEBIT_FAILS_LATER, "unpaid", "checkout.session.async_payment_failed"),
    ],
)
def test_a_bank_debit_settles_after_three_minutes(
    *, client, open_session, sandbox, account, payment_status, last
):
    session = open_session()
    payment = sandbox.pay(session.id, account)
    assert payment["outcome"] == "processing"
    assert (payment["session"]["status"], payment["session"]["payment_status"]) == (
        "complete",
        "unpaid",
    )
    intent = payment["session"]["payment_intent"]
    assert client.v1.payment_intents.retrieve(intent).status == "processing"
    sandbox.control("clock/advance", seconds=181)
    settled = client.v1.checkout.sessions.retrieve(session.id)
    assert (settled.status, settled.payment_status) == ("complete", payment_status)
    event = client.v1.events.list({"type": last}).data[0]
    assert event.data.object.id == session.id


@pytest.mark.parametrize(
    ("account", "last"),
    [
        (cards.DEBIT_SUCCEEDS, "checkout.session.async_payment_succeeded"),
        (cards.DEBIT_FAILS, "checkout.session.async_payment_failed"),
    ],
)
def test_a_bank_debit_may_settle_at_once(open_session, sandbox, receiver, account, last):
    session = open_session()
    sandbox.pay(session.id, account)
    receiver.wait(lambda r: r.has(session.id, "checkout.session.completed", last))


@pytest.mark.parametrize(("outcome", "status"), [("succeeded", "paid"), ("failed", "unpaid")])
def test_a_test_control_settles_a_delayed_payment(open_session, sandbox, outcome, status):
    session = open_session(allowed_payment_method_types=["card"])
    sandbox.pay(session.id, cards.DEBIT_SUCCEEDS_LATER)
    settled = sandbox.control(f"sessions/{session.id}/settle", outcome=outcome)
    assert settled["session"]["payment_status"] == status


def test_the_balance_is_what_was_taken_and_not_given_back(client, open_session, sandbox):
    def brl() -> int:
        rows = {row.currency: row.amount for row in client.v1.balance.retrieve().available}
        return rows.get("brl", 0)

    before = brl()
    paid = sandbox.pay(open_session(amount=900, currency="brl").id)["session"]
    assert brl() == before + 900 - 39, "1.5 % and 25 go to Stripe"
    client.v1.refunds.create({"payment_intent": paid["payment_intent"], "amount": 300})
    assert brl() == before + 600 - 39, "the fee does not come back"


def test_a_real_looking_number_is_refused_and_not_repeated(open_session, sandbox):
    with pytest.raises(AssertionError) as refusal:
        sandbox.pay(open_session().id, cards.UNSUPPORTED)
    assert "test numbers" in str(refusal.value)
    assert "4111" not in str(refusal.value)


def test_unknown_ids_are_resource_missing(client):
    for look in (
        client.v1.checkout.sessions.retrieve,
        client.v1.payment_intents.retrieve,
        client.v1.charges.retrieve,
        client.v1.refunds.retrieve,
        client.v1.events.retrieve,
    ):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            look("nobody_has_this")
        assert refusal.value.http_status == 404
        assert refusal.value.code == "resource_missing"
