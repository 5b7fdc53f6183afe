"""Scenarios of paying: what becomes of session, PaymentIntent, charge and events."""

from tests.contract.scenarios.backend import Stage
from tests.contract.scenarios.registry import CLOCK, PERSON, scenario
from tests.support import cards

DECLINES = {
    cards.DECLINED: ("card_declined", "generic_decline"),
    cards.INSUFFICIENT_FUNDS: ("card_declined", "insufficient_funds"),
    cards.LOST: ("card_declined", "lost_card"),
    cards.STOLEN: ("card_declined", "stolen_card"),
    cards.EXPIRED: ("expired_card", None),
    cards.WRONG_CVC: ("incorrect_cvc", None),
    cards.PROCESSING_ERROR: ("processing_error", None),
}
PAID = ["checkout.session.completed", "payment_intent.succeeded", "charge.succeeded"]


@scenario("pay with a card", needs=PERSON)
def pay(stage: Stage) -> None:
    session = stage.open()
    stage.pay(session.id, email="sally@example.test")
    wanted = {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    paid = stage.sessions.retrieve(session.id, wanted)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details.email == "sally@example.test"
    intent = paid.payment_intent
    assert (intent.status, intent.amount_received) == ("succeeded", 4500)
    assert intent.metadata["booking_id"] == "b1"
    charge = intent.latest_charge
    assert (charge.paid, charge.captured, charge.amount_refunded) == (True, True, 0)
    assert charge.payment_method_details.card.last4 == "4242"
    assert charge.balance_transaction.type == "charge"


@scenario("a payment is told by its events", needs=PERSON)
def events(stage: Stage) -> None:
    session = stage.paid()
    listed = stage.client.v1.events.list({"types": PAID, "limit": 3}).data
    assert [event.type for event in listed] == PAID
    assert listed[0].data.object.id == session.id
    assert {event.api_version for event in listed} == {"2026-10-28.endive"}
    assert stage.client.v1.events.retrieve(listed[0].id).id == listed[0].id


@scenario("a declined card leaves the session open and says why", needs=PERSON)
def decline(stage: Stage) -> None:
    session = stage.open()
    for card, (code, reason) in DECLINES.items():
        stage.pay(session.id, card)
        found = stage.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
        error = found.payment_intent.last_payment_error
        assert (found.status, found.payment_intent.status) == ("open", "requires_payment_method")
        assert (error.code, getattr(error, "decline_code", None)) == (code, reason)


@scenario("after a decline another card pays the same PaymentIntent", needs=PERSON)
def decline_then_pay(stage: Stage) -> None:
    session = stage.open()
    first = stage.pay(session.id, cards.DECLINED)["session"]["payment_intent"]
    stage.pay(session.id)
    paid = stage.sessions.retrieve(session.id)
    assert paid.payment_intent == first
    charges = stage.client.v1.charges.list({"payment_intent": first}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


@scenario("a challenge that is passed pays", needs=PERSON)
def challenge_passed(stage: Stage) -> None:
    for card in (cards.AUTHENTICATION, cards.AUTHENTICATION_ALWAYS):
        charge = stage.charge_of(stage.paid(card))
        assert charge.payment_method_details.card.three_d_secure.result == "authenticated"


@scenario("a challenge that is failed leaves the session open", needs=PERSON)
def challenge_failed(stage: Stage) -> None:
    session = stage.open()
    stage.pay(session.id, cards.AUTHENTICATION, challenge="fail")
    found = stage.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert found.status == "open"
    error = found.payment_intent.last_payment_error
    assert error.code == "payment_intent_authentication_failure"


@scenario("a challenge that nobody answers waits", needs=PERSON)
def challenge_left(stage: Stage) -> None:
    session = stage.open()
    stage.pay(session.id, cards.AUTHENTICATION, challenge="leave")
    found = stage.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (found.status, found.payment_intent.status) == ("open", "requires_action")


@scenario("a challenge may be followed by a decline", needs=PERSON)
def challenge_declined(stage: Stage) -> None:
    session = stage.open()
    stage.pay(session.id, cards.AUTHENTICATION_DECLINED)
    found = stage.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (found.status, found.payment_intent.last_payment_error.code) == ("open", "card_declined")


@scenario("a delayed payment succeeds later", needs=PERSON)
def delayed_success(stage: Stage) -> None:
    session = stage.paid(cards.DEBIT_SUCCEEDS_LATER)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    intents = stage.client.v1.payment_intents
    assert intents.retrieve(session.payment_intent).status == "processing"
    stage.lever("clock/advance", seconds=181)
    assert stage.sessions.retrieve(session.id).payment_status == "paid"
    assert intents.retrieve(session.payment_intent).status == "succeeded"
    kind = "checkout.session.async_payment_succeeded"
    assert stage.client.v1.events.list({"type": kind}).data[0].data.object.id == session.id


@scenario("a delayed payment fails later", needs=PERSON)
def delayed_failure(stage: Stage) -> None:
    session = stage.paid(cards.DEBIT_FAILS_LATER)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    stage.lever("clock/advance", seconds=181)
    wanted = {"expand": ["payment_intent"]}
    found = stage.sessions.retrieve(session.id, wanted)
    assert (found.status, found.payment_status) == ("complete", "unpaid")
    assert found.payment_intent.status == "requires_payment_method"
    kind = "checkout.session.async_payment_failed"
    assert stage.client.v1.events.list({"type": kind}).data[0].data.object.id == session.id


@scenario("a delayed payment may be decided at once", needs=PERSON)
def delayed_at_once(stage: Stage) -> None:
    for account, status in (
        (cards.DEBIT_SUCCEEDS, "paid"),
        (cards.AUSTRIAN_DEBIT_SUCCEEDS, "paid"),
        (cards.DEBIT_FAILS, "unpaid"),
        (cards.AUSTRIAN_DEBIT_FAILS, "unpaid"),
    ):
        assert stage.paid(account).payment_status == status


@scenario("a declined session that expires cancels its payment", needs=PERSON)
def decline_then_expire(stage: Stage) -> None:
    session = stage.open()
    intent = stage.pay(session.id, cards.DECLINED)["session"]["payment_intent"]
    stage.sessions.expire(session.id)
    assert stage.client.v1.payment_intents.retrieve(intent).status == "canceled"


@scenario("a session cannot be paid after its time", needs=CLOCK)
def pay_after_time(stage: Stage) -> None:
    session = stage.open()
    stage.lever("clock/advance", seconds=32 * 60)
    assert stage.pay(session.id)["outcome"] == "closed"
    assert stage.sessions.retrieve(session.id).payment_status == "unpaid"
