"""Fees, payouts and what is in them, as Stripe has them; and a comparison that finds mistakes."""

from typing import Any

import pytest
import sqlalchemy as sa

from coursebook.domain.reconciliation import Difference
from coursebook.payments.gateway import StripeRefused
from coursebook.persistence.schema.tables import PaymentAttempt, Payout, Refund
from coursebook.persistence.unit_of_work import writing
from coursebook.services.reconciliation.reconciler import Reconciler
from tests.support import cards
from tests.support.harness import OPERATOR, Harness, Started, eur
from tests.support.reconciled import beginning
from tests.support.stripe_objects import ask_stripe, charge_of, refunds_at_stripe

FEE_OF_45 = 93
"""1.5 % and 25 cents."""


async def movement_of(harness: Harness, started: Started) -> dict[str, Any]:
    charge = await charge_of(harness, started)
    expand = {"expand[]": "balance_transaction"}
    return dict((await ask_stripe(harness, f"charges/{charge}", **expand))["balance_transaction"])


async def differences(harness: Harness, since: Any) -> tuple[Difference, ...]:
    reconciler = Reconciler(harness.services.context, every=since - since, pause=0)
    (run,) = [step.run async for step in reconciler.run_to_end(since)][-1:]
    return run.differences


async def spoil(harness: Harness, table: Any, **values: Any) -> None:
    async with writing(harness.services.context.database) as work:
        await work.session.execute(sa.update(table).values(**values))


async def payout_of(harness: Harness, payout_id: str) -> Payout:
    """Return one payout: the sandbox is shared, so there may be others of tests before."""
    (payout,) = [row for row in await harness.rows_of(Payout) if row.id == payout_id]
    return payout


async def given_back(harness: Harness, started: Started, amount: int) -> None:
    path = f"/api/manage/bookings/{started.booking_id}"
    kept = (await harness.get(path, OPERATOR)).json()["expect"]
    body = {"amount": amount, "reason": "A lesson less", "expect": kept}
    answer = await harness.post(f"{path}/refund", OPERATOR, json=body)
    assert answer.status_code == 200, answer.text
    await harness.worker_round()


async def test_every_payment_gets_the_fee_that_stripe_took(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    dear = await harness.checkout(harness.student("ann"), await harness.course())
    await harness.pay(dear, cards.AMEX)
    await harness.worker_round()
    attempts = {a.booking_id: a for a in await harness.rows_of(PaymentAttempt)}
    for paid, fee in ((started, FEE_OF_45), (dear, 171)):
        movement, attempt = await movement_of(harness, paid), attempts[paid.booking_id]
        assert (movement["fee"], movement["net"]) == (fee, 4500 - fee)
        assert (attempt.fee, attempt.net) == (movement["fee"], movement["net"])
        assert attempt.balance_id == movement["id"]
        assert attempt.available_on is not None


@pytest.mark.both_databases
async def test_a_payout_has_its_payments_and_refunds_and_adds_up(harness: Harness):
    await harness.control("payouts")
    since = await beginning(harness)
    course = await harness.course(price=eur(90))
    started = await harness.confirmed(harness.student("sam"), course)
    await harness.confirmed(harness.student("ann"), course)
    await given_back(harness, started, 3000)
    lost = await harness.confirmed(harness.student("sue"), course)
    await harness.control(f"charges/{await charge_of(harness, lost)}/dispute")
    await harness.quiet()
    (made,) = (await harness.control("payouts"))["payouts"]
    await harness.quiet()
    payout = await payout_of(harness, made["id"])
    assert (payout.amount, payout.state) == (made["amount"], "in_transit")
    attempts, (refund,) = await harness.rows_of(PaymentAttempt), await harness.rows_of(Refund)
    assert {a.payout_id for a in attempts} == {payout.id} == {refund.payout_id}
    net = sum(a.net or 0 for a in attempts) - refund.amount - (refund.fee or 0)
    assert payout.other_net == -9000 - 2000, "the dispute and its fee"
    assert payout.amount == net + payout.other_net
    assert (
        refund.balance_id == (await refunds_at_stripe(harness, started))[0]["balance_transaction"]
    )
    await harness.control(f"payouts/{payout.id}/arrive")
    await harness.quiet()
    assert (await payout_of(harness, payout.id)).state == "paid"
    await harness.worker_round()
    assert await differences(harness, since) == ()


async def test_payouts_are_found_without_events(harness: Harness):
    await harness.control("payouts")
    await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    (made,) = (await harness.control("payouts"))["payouts"]
    await harness.worker_round()
    rows = {row.id: row.state for row in await harness.rows_of(Payout)}
    assert rows[made["id"]] == "in_transit"
    await harness.control(f"payouts/{made['id']}/fail")
    await harness.later(hours=2)
    await harness.worker_round()
    rows = {row.id: row.state for row in await harness.rows_of(Payout)}
    assert rows[made["id"]] == "failed"


@pytest.mark.parametrize(
    ("table", "values", "cause"),
    [
        (PaymentAttempt, {"fee": 1}, "The fee for a payment is €0.93 at Stripe and €0.01"),
        (PaymentAttempt, {"balance_id": "txn_1"}, "another balance transaction"),
        (PaymentAttempt, {"payout_id": None}, "what is in it adds up to €0.00"),
        (Payout, {"amount": 1}, "A payout of €44.07 at Stripe is €0.01"),
    ],
)
async def test_a_spoilt_fee_or_payout_is_found(harness: Harness, table, values, cause):
    await harness.control("payouts")
    since = await beginning(harness)
    await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control("payouts")
    await harness.quiet()
    await harness.worker_round()
    assert await differences(harness, since) == ()
    await spoil(harness, table, **values)
    causes = [difference.cause for difference in await differences(harness, since)]
    assert len(causes) == 1
    assert cause in causes[0]


async def test_a_key_without_the_right_rests_and_harms_nothing(harness: Harness, monkeypatch):

    calls = []

    async def refuse(*arguments: Any) -> None:
        calls.append(arguments)
        raise StripeRefused("This key may not do that.")

    monkeypatch.setattr(harness.services.context.gateway, "movement_of_payment", refuse)
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.worker_round()
    await harness.later(minutes=10)
    await harness.worker_round()
    assert len(calls) == 1
    assert await harness.status_of(started) == "confirmed"
    monkeypatch.undo()
    await harness.later(hours=1)
    await harness.worker_round()
    fees = [a.fee for a in await harness.rows_of(PaymentAttempt)]
    assert fees == [FEE_OF_45]
