"""Scenarios of payments: session, PaymentIntent, charge and events afterwards."""

from tests.contract.scenarios.backend import Backend
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
def pay(backend: Backend) -> None:
    session = backend.open()
    backend.pay(session.id, email="sally@example.test")
    options = {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    paid = backend.sessions.retrieve(session.id, options)
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
def events(backend: Backend) -> None:
    session = backend.paid()
    listed = backend.client.v1.events.list({"types": PAID, "limit": 3}).data
    assert [event.type for event in listed] == PAID
    assert listed[0].data.object.id == session.id
    assert {event.api_version for event in listed} == {"2026-10-28.endive"}
    assert backend.client.v1.events.retrieve(listed[0].id).id == listed[0].id


@scenario("a declined card leaves the session open and says why", needs=PERSON)
def decline(backend: Backend) -> None:
    session = backend.open()
    for card, (code, reason) in DECLINES.items():
        backend.pay(session.id, card)
        fetched_session = backend.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
        error = fetched_session.payment_intent.last_payment_error
        assert (fetched_session.status, fetched_session.payment_intent.status) == (
            "open",
            "requires_payment_method",
        )
        assert (error.code, getattr(error, "decline_code", None)) == (code, reason)


@scenario("after a decline another card pays the same PaymentIntent", needs=PERSON)
def decline_then_pay(backend: Backend) -> None:
    session = backend.open()
    first = backend.pay(session.id, cards.DECLINED)["session"]["payment_intent"]
    backend.pay(session.id)
    paid = backend.sessions.retrieve(session.id)
    assert paid.payment_intent == first
    charges = backend.client.v1.charges.list({"payment_intent": first}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


@scenario("a challenge that is passed pays", needs=PERSON)
def challenge_passed(backend: Backend) -> None:
    for card in (cards.AUTHENTICATION, cards.AUTHENTICATION_ALWAYS):
        charge = backend.charge_of(backend.paid(card))
        assert charge.payment_method_details.card.three_d_secure.result == "authenticated"


@scenario("a challenge that is failed leaves the session open", needs=PERSON)
def challenge_failed(backend: Backend) -> None:
    session = backend.open()
    backend.pay(session.id, cards.AUTHENTICATION, challenge="fail")
    fetched_session = backend.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert fetched_session.status == "open"
    error = fetched_session.payment_intent.last_payment_error
    assert error.code == "payment_intent_authentication_failure"


@scenario("a challenge that nobody answers waits", needs=PERSON)
def challenge_left(backend: Backend) -> None:
    session = backend.open()
    backend.pay(session.id, cards.AUTHENTICATION, challenge="leave")
    fetched_session = backend.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (fetched_session.status, fetched_session.payment_intent.status) == (
        "open",
        "requires_action",
    )


@scenario("a challenge may be followed by a decline", needs=PERSON)
def challenge_declined(backend: Backend) -> None:
    session = backend.open()
    backend.pay(session.id, cards.AUTHENTICATION_DECLINED)
    fetched_session = backend.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (fetched_session.status, fetched_session.payment_intent.last_payment_error.code) == (
        "open",
        "card_declined",
    )


@scenario("a delayed payment succeeds later", needs=PERSON)
def delayed_success(backend: Backend) -> None:
    session = backend.paid(cards.DEBIT_SUCCEEDS_LATER)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    intents = backend.client.v1.payment_intents
    assert intents.retrieve(session.payment_intent).status == "processing"
    backend.control("clock/advance", seconds=181)
    assert backend.sessions.retrieve(session.id).payment_status == "paid"
    assert intents.retrieve(session.payment_intent).status == "succeeded"
    kind = "checkout.session.async_payment_succeeded"
    assert backend.client.v1.events.list({"type": kind}).data[0].data.object.id == session.id


@scenario("a delayed payment fails later", needs=PERSON)
def delayed_failure(backend: Backend) -> None:
    session = backend.paid(cards.DEBIT_FAILS_LATER)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    backend.control("clock/advance", seconds=181)
    options = {"expand": ["payment_intent"]}
    fetched_session = backend.sessions.retrieve(session.id, options)
    assert (fetched_session.status, fetched_session.payment_status) == ("complete", "unpaid")
    assert fetched_session.payment_intent.status == "requires_payment_method"
    kind = "checkout.session.async_payment_failed"
    assert backend.client.v1.events.list({"type": kind}).data[0].data.object.id == session.id


@scenario("a delayed payment may be decided at once", needs=PERSON)
def delayed_at_once(backend: Backend) -> None:
    for account, status in (
        (cards.DEBIT_SUCCEEDS, "paid"),
        (cards.AUSTRIAN_DEBIT_SUCCEEDS, "paid"),
        (cards.DEBIT_FAILS, "unpaid"),
        (cards.AUSTRIAN_DEBIT_FAILS, "unpaid"),
    ):
        assert backend.paid(account).payment_status == status


@scenario("a declined session that expires cancels its payment", needs=PERSON)
def decline_then_expire(backend: Backend) -> None:
    session = backend.open()
    intent = backend.pay(session.id, cards.DECLINED)["session"]["payment_intent"]
    backend.sessions.expire(session.id)
    assert backend.client.v1.payment_intents.retrieve(intent).status == "canceled"


@scenario("a session cannot be paid after its time", needs=CLOCK)
def pay_after_time(backend: Backend) -> None:
    session = backend.open()
    backend.control("clock/advance", seconds=32 * 60)
    assert backend.pay(session.id)["outcome"] == "closed"
    assert backend.sessions.retrieve(session.id).payment_status == "unpaid"
