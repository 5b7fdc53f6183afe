"""Scenarios of disputes and inquiries."""

from typing import Any

from tests.contract.scenarios.backend import Backend
from tests.contract.scenarios.registry import BANK, CLOCK, PERSON, scenario
from tests.contract.scenarios.sessions import refusal_of
from tests.support import cards


def dispute_of(backend: Backend, session: Any) -> Any:
    """Return the dispute about a payment."""
    parameters = {"payment_intent": session.payment_intent, "expand": ["data.charge"]}
    return backend.client.v1.disputes.list(parameters).data[0]


def told_of(backend: Backend, dispute: str) -> list[str]:
    """Return the events about a dispute, oldest first."""
    listed = backend.client.v1.events.list({"limit": 30}).data
    return [event.type for event in listed[::-1] if event.data.object.id == dispute]


@scenario("a payment is disputed", needs=PERSON)
def disputed(backend: Backend) -> None:
    dispute = dispute_of(backend, backend.paid(cards.DISPUTED))
    assert (dispute.status, dispute.reason, dispute.amount) == (
        "needs_response",
        "fraudulent",
        4500,
    )
    assert dispute.charge.disputed
    assert [entry.amount for entry in dispute.balance_transactions] == [-4500]
    made = ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert told_of(backend, dispute.id) == made


@scenario("winning evidence wins a dispute", needs=PERSON)
def won(backend: Backend) -> None:
    dispute = dispute_of(backend, backend.paid(cards.DISPUTED))
    evidence = {"uncategorized_text": "winning_evidence"}
    ended = backend.client.v1.disputes.update(dispute.id, {"evidence": evidence})
    assert ended.status == "won"
    assert [entry.amount for entry in ended.balance_transactions] == [-4500, 4500]
    told = ["updated", "funds_reinstated", "closed"]
    assert told_of(backend, dispute.id)[2:] == [f"charge.dispute.{word}" for word in told]


@scenario("losing evidence loses a dispute", needs=PERSON)
def lost(backend: Backend) -> None:
    dispute = dispute_of(backend, backend.paid(cards.DISPUTED))
    evidence = {"uncategorized_text": "losing_evidence"}
    assert backend.client.v1.disputes.update(dispute.id, {"evidence": evidence}).status == "lost"


@scenario("evidence can be kept and handed in later", needs=PERSON)
def staged(backend: Backend) -> None:
    disputes = backend.client.v1.disputes
    dispute = dispute_of(backend, backend.paid(cards.DISPUTED))
    evidence = {"customer_name": "Sam", "product_description": "A course"}
    kept = disputes.update(dispute.id, {"evidence": evidence, "submit": False})
    assert (kept.status, kept.evidence.customer_name) == ("needs_response", "Sam")
    assert kept.evidence_details.has_evidence
    given = disputes.update(dispute.id, {"submit": True})
    assert (given.status, given.evidence_details.submission_count) == ("under_review", 1)
    assert refusal_of(disputes.update, dispute.id, {"evidence": evidence}).http_status == 400


@scenario("a dispute that is given in to is lost", needs=PERSON)
def given_in(backend: Backend) -> None:
    dispute = dispute_of(backend, backend.paid(cards.DISPUTED))
    assert backend.client.v1.disputes.close(dispute.id).status == "lost"
    assert refusal_of(backend.client.v1.disputes.close, dispute.id).http_status == 400


@scenario("a disputed payment cannot be refunded", needs=PERSON)
def no_refund(backend: Backend) -> None:
    parameters = {"payment_intent": backend.paid(cards.DISPUTED).payment_intent}
    assert refusal_of(backend.client.v1.refunds.create, parameters).code == "charge_disputed"


@scenario("an inquiry moves no money and ends with a refund", needs=PERSON)
def inquiry(backend: Backend) -> None:
    session = backend.paid(cards.INQUIRY)
    dispute = dispute_of(backend, session)
    assert (dispute.status, dispute.is_charge_refundable) == ("warning_needs_response", True)
    assert dispute.balance_transactions == []
    backend.client.v1.refunds.create({"payment_intent": session.payment_intent})
    assert backend.client.v1.disputes.retrieve(dispute.id).status == "warning_closed"


@scenario("an inquiry becomes a dispute", needs=BANK)
def escalated(backend: Backend) -> None:
    dispute = dispute_of(backend, backend.paid(cards.INQUIRY))
    backend.control(f"disputes/{dispute.id}/escalate")
    fetched_dispute = backend.client.v1.disputes.retrieve(dispute.id)
    assert (fetched_dispute.status, fetched_dispute.balance_transactions[0].amount) == (
        "needs_response",
        -4500,
    )


@scenario("a dispute that nobody answers is lost", needs=CLOCK)
def unanswered(backend: Backend) -> None:
    dispute = dispute_of(backend, backend.paid(cards.DISPUTED))
    backend.control("clock/advance", seconds=8 * 24 * 3600)
    fetched_dispute = backend.client.v1.disputes.retrieve(dispute.id)
    assert (fetched_dispute.status, fetched_dispute.evidence_details.past_due) == ("lost", True)


@scenario("a bank debit that is taken back is lost at once", needs=PERSON)
def taken_back(backend: Backend) -> None:
    session = backend.paid(cards.DEBIT_DISPUTED)
    assert session.payment_status == "paid"
    assert dispute_of(backend, session).status == "lost"


@scenario("an unknown dispute is not found")
def unknown(backend: Backend) -> None:
    assert refusal_of(backend.client.v1.disputes.retrieve, "du_nobody").code == "resource_missing"
