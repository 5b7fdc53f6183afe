"""Scenarios of refunds."""

from tests.contract.scenarios.backend import Backend
from tests.contract.scenarios.registry import BANK, PERSON, scenario
from tests.contract.scenarios.sessions import refusal_of
from tests.support import cards


@scenario("refund in full", needs=PERSON)
def full(backend: Backend) -> None:
    session = backend.paid()
    refund = backend.client.v1.refunds.create(
        {"payment_intent": session.payment_intent, "reason": "requested_by_customer"}
    )
    assert (refund.status, refund.amount) == ("succeeded", 4500)
    charge = backend.charge_of(session, expand=["refunds"])
    assert (charge.refunded, charge.amount_refunded) == (True, 4500)
    assert charge.refunds.data[0].id == refund.id


@scenario("refund in parts", needs=PERSON)
def parts(backend: Backend) -> None:
    session = backend.paid()
    for amount in (1500, 2000):
        parameters = {"payment_intent": session.payment_intent, "amount": amount}
        backend.client.v1.refunds.create(parameters)
    charge = backend.charge_of(session)
    assert (charge.refunded, charge.amount_refunded) == (False, 3500)


@scenario("refund more than was paid", needs=PERSON)
def too_much(backend: Backend) -> None:
    parameters = {"payment_intent": backend.paid().payment_intent, "amount": 4501}
    refusal = refusal_of(backend.client.v1.refunds.create, parameters)
    assert (refusal.http_status, refusal.param) == (400, "amount")


@scenario("refund twice", needs=PERSON)
def twice(backend: Backend) -> None:
    parameters = {"payment_intent": backend.paid().payment_intent}
    backend.client.v1.refunds.create(parameters)
    refusal = refusal_of(backend.client.v1.refunds.create, parameters)
    assert refusal.code == "charge_already_refunded"


@scenario("refund what was never paid", needs=PERSON)
def never_paid(backend: Backend) -> None:
    session = backend.open()
    intent = backend.pay(session.id, cards.DECLINED)["session"]["payment_intent"]
    refusal = refusal_of(backend.client.v1.refunds.create, {"payment_intent": intent})
    assert refusal.http_status == 400


@scenario("refund an unknown payment")
def unknown_payment(backend: Backend) -> None:
    refusal = refusal_of(backend.client.v1.refunds.create, {"payment_intent": "pi_nobody"})
    assert (refusal.code, refusal.param) == ("resource_missing", "payment_intent")


@scenario("refund nothing in particular")
def nothing_named(backend: Backend) -> None:
    assert refusal_of(backend.client.v1.refunds.create, {"amount": 100}).http_status == 400


@scenario("refunds are listed by payment and by charge", needs=PERSON)
def listed(backend: Backend) -> None:
    session = backend.paid()
    refunds = backend.client.v1.refunds
    made = [
        refunds.create({"payment_intent": session.payment_intent, "amount": amount}).id
        for amount in (100, 200)
    ]
    charge = backend.charge_of(session).id
    for wanted in ({"payment_intent": session.payment_intent}, {"charge": charge}):
        assert [refund.id for refund in refunds.list(wanted).data] == made[::-1]


@scenario("the metadata of a refund can be changed", needs=PERSON)
def change_metadata(backend: Backend) -> None:
    refunds = backend.client.v1.refunds
    refund = refunds.create({"payment_intent": backend.paid().payment_intent})
    changed = refunds.update(refund.id, {"metadata": {"ticket": "7"}})
    assert changed.metadata["ticket"] == "7"


@scenario("a refund that is done cannot be cancelled", needs=PERSON)
def cancel(backend: Backend) -> None:
    refunds = backend.client.v1.refunds
    refund = refunds.create({"payment_intent": backend.paid().payment_intent})
    assert refusal_of(refunds.cancel, refund.id).http_status == 400


@scenario("a refund is pending and succeeds later", needs=BANK)
def pending(backend: Backend) -> None:
    refunds = backend.client.v1.refunds
    refund = refunds.create({"payment_intent": backend.paid(cards.REFUND_PENDING).payment_intent})
    assert refund.status == "pending"
    backend.control("clock/advance", seconds=61)
    assert refunds.retrieve(refund.id).status == "succeeded"


@scenario("a refund fails later and can be made again", needs=BANK)
def fails(backend: Backend) -> None:
    refunds, session = backend.client.v1.refunds, backend.paid(cards.REFUND_FAILS)
    refund = refunds.create({"payment_intent": session.payment_intent})
    assert refund.status == "succeeded"
    backend.control("clock/advance", seconds=61)
    options = {"expand": ["failure_balance_transaction", "charge"]}
    failed = refunds.retrieve(refund.id, options)
    assert (failed.status, failed.charge.amount_refunded) == ("failed", 0)
    assert failed.failure_balance_transaction.net == 4500
    assert refunds.create({"payment_intent": session.payment_intent}).amount == 4500


@scenario("a pending refund is cancelled in the dashboard", needs=BANK)
def called_off(backend: Backend) -> None:
    refunds, session = backend.client.v1.refunds, backend.paid(cards.REFUND_PENDING)
    refund = refunds.create({"payment_intent": session.payment_intent})
    backend.control(f"refunds/{refund.id}/cancel")
    assert refunds.retrieve(refund.id).status == "canceled"
    assert backend.charge_of(session).amount_refunded == 0
