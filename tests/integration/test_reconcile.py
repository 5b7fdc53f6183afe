"""Reconciliation finds every difference between our rows and Stripe, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from coursebook.domain.inbox import InboxKind
from coursebook.domain.reconciliation import Difference, Stage
from coursebook.payments.gateway import StripeUnreachable
from coursebook.persistence.schema.tables import Course, MoneyInboxEntry, PaymentAttempt, Refund
from coursebook.persistence.unit_of_work import writing
from coursebook.services.reconciliation import stages
from coursebook.services.reconciliation.reconciler import Reconciler
from tests.support import cards
from tests.support.booking_invariants import read_books
from tests.support.comparison import compare_to_end
from tests.support.harness import Harness, Started
from tests.support.stripe_objects import charge_of, deliver, event_of

HOURS = timedelta(hours=12)


def reconciler(harness: Harness, every: timedelta = HOURS) -> Reconciler:
    return Reconciler(harness.services.context, every=every, pause=0)


async def found(harness: Harness) -> tuple[Difference, ...]:
    run = None
    async for seen in reconciler(harness).run_to_end():
        run = seen.run
    assert run is not None
    assert run.finished_at is not None
    return run.differences


async def lost(harness: Harness) -> None:
    await harness.control("deliveries/mode", mode="drop")


async def change(harness: Harness, table: Any, where: Any, **values: Any) -> None:
    async with writing(harness.services.context.database) as work:
        await work.session.execute(sa.update(table).where(where).values(**values))


async def paid(harness: Harness, card: str = cards.VISA) -> Started:
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started, card)
    return started


async def test_books_that_agree_have_no_difference(books: Harness):
    sam = books.student("sam")
    cancelled = await books.confirmed(sam, await books.course())
    await books.post(f"/api/bookings/{cancelled.booking_id}/cancel", sam)
    await books.confirmed(books.student("sue"), await books.course())
    await books.checkout(books.student("ann"), await books.course())
    disputed = await paid(books)
    await books.control(f"charges/{await charge_of(books, disputed)}/dispute")
    await books.quiet()
    await books.worker_round()
    assert await found(books) == ()


async def test_a_payment_without_its_webhook_is_found_and_settled(books: Harness):
    await lost(books)
    started = await paid(books)
    (difference,) = await found(books)
    assert (difference.session_id, difference.booking_id) == (
        started.session_id,
        started.booking_id,
    )
    assert difference.cause == "At Stripe: paid; in our books: open."
    assert await books.status_of(started) == "pending", "comparing must not change anything"
    await reconciler(books).settle_all((difference,))
    assert await books.status_of(started) == "confirmed"
    assert await found(books) == ()


async def test_a_payment_unknown_to_stripe_is_found(books: Harness):
    started = await books.checkout(books.student("sam"), await books.course())
    mine = col(PaymentAttempt.session_id) == started.session_id
    await change(books, PaymentAttempt, mine, state="succeeded")
    causes = [d.cause for d in await found(books)]
    assert "It can still be paid at Stripe, and is succeeded in our books." in causes
    await change(books, PaymentAttempt, mine, session_id="cs_test_gone")
    causes = {d.key: d.cause for d in await found(books)}
    assert "Stripe does not know this payment" in causes["cs_test_gone"]
    assert "we have no such Checkout Session" in causes[str(started.session_id)]
    await change(
        books,
        PaymentAttempt,
        col(PaymentAttempt.session_id) == "cs_test_gone",
        session_id=started.session_id,
        state="open",
    )


async def test_unreported_dashboard_refunds_are_found_and_fixed(books: Harness):
    started = await paid(books)
    await lost(books)
    await books.control(f"charges/{await charge_of(books, started)}/refund", amount=1500)
    (difference,) = await found(books)
    assert difference.cause == "Stripe has a refund (succeeded) that is not in our books."
    assert (difference.amount, difference.currency) == (1500, "eur")
    await reconciler(books).settle_all((difference,))
    assert (await books.booking(started))["payment_status"] == "partially_refunded"
    assert await found(books) == ()


async def test_a_refund_that_failed_unheard_is_found(books: Harness):
    started = await paid(books)
    refund = await books.control(f"charges/{await charge_of(books, started)}/refund", amount=1500)
    await books.quiet()
    await lost(books)
    await books.control(f"refunds/{refund['refund']['id']}/fail")
    causes = [d.cause for d in await found(books)]
    assert "A refund is failed at Stripe and succeeded in our books." in causes
    assert "In our books €15.00 went back, at Stripe only €0.00." in causes


async def test_a_refund_of_another_size_is_found(books: Harness):
    started = await paid(books)
    await books.control(f"charges/{await charge_of(books, started)}/refund", amount=1500)
    await books.quiet()
    mine = col(Refund.booking_id) == started.booking_id
    await change(books, Refund, mine, amount=1400)
    (difference,) = await found(books)
    assert difference.cause == "A refund of €15.00 at Stripe is €14.00 in our books."
    await change(books, Refund, mine, amount=1500)


@pytest.mark.parametrize("moment", ["opened", "closed"])
async def test_unreported_disputes_are_found_and_fixed(books: Harness, moment: str):
    started = await paid(books)
    if moment == "opened":
        await lost(books)
    dispute = await books.control(f"charges/{await charge_of(books, started)}/dispute")
    await books.quiet()
    if moment == "closed":
        await lost(books)
        await books.control(f"disputes/{dispute['dispute']['id']}/close", outcome="won")
    (difference,) = await found(books)
    assert "dispute" in difference.cause
    await reconciler(books).settle_all((difference,))
    status = {"opened": "disputed", "closed": "paid"}[moment]
    assert (await books.booking(started))["payment_status"] == status
    assert await found(books) == ()


async def test_a_payment_without_a_booking_is_found_until_it_is_in_the_inbox(
    books: Harness,
):
    started = await books.checkout(books.student("sam"), await books.course())
    (ours,) = (await read_books(books)).attempts
    mark = await books.mark(booking_id="bkg_nobody", attempt="1")
    params = ours.params | {"metadata": mark, "payment_intent_data": {"metadata": mark}}
    page = await books.services.context.gateway.create_session(params, f"lost-{ours.id}")
    assert ["Can be paid at Stripe" in d.cause for d in await found(books)] == [True]
    await lost(books)
    await books.control(f"sessions/{page.id}/pay", card=cards.VISA)
    both = await found(books)
    assert {d.key[:3] for d in both} == {"cs_", "pi_"}
    await reconciler(books).settle_all(both)
    assert [e.kind for e in (await read_books(books)).inbox] == ["paid_without_booking"]
    assert await found(books) == (), "it is in the inbox already"
    assert await books.status_of(started) == "pending"


async def test_a_mismatched_payment_is_found_until_it_is_in_the_inbox(books: Harness):
    started = await books.checkout(books.student("sam"), await books.course())
    await lost(books)
    await books.pay(started)
    await books.control(f"sessions/{started.session_id}/tamper", amount_total=4400)
    await deliver(books, await event_of(books, started, "checkout.session.completed"))
    assert await found(books) == ()
    kept = (await read_books(books)).inbox[0].dedupe_key
    mine = col(MoneyInboxEntry.dedupe_key)
    await change(books, MoneyInboxEntry, mine == kept, dedupe_key="x", attempt_id=None)
    causes = [d.cause for d in await found(books)]
    assert any("no inbox entry was opened" in cause for cause in causes)
    assert any("but the booking is held" in cause for cause in causes)
    attempt = (await read_books(books)).attempts[0].id
    await change(books, MoneyInboxEntry, mine == "x", dedupe_key=kept, attempt_id=attempt)


async def test_wrong_seat_counts_are_found(books: Harness):
    course = await books.course()
    await books.confirmed(books.student("sam"), course)
    await change(books, Course, col(Course.id) == course.id, held=1)
    (difference,) = await found(books)
    assert difference.session_id is None
    assert "counts 1 held and 1 confirmed places, but has 0 and 1." in difference.cause
    await change(books, Course, col(Course.id) == course.id, held=0)


async def test_a_run_that_was_cut_short_goes_on_where_it_stopped(books: Harness, monkeypatch):
    await lost(books)
    await paid(books)
    asked: list[Stage] = []
    real = dict(stages.STAGE_FUNCTIONS)

    def watched(stage: Stage):
        async def look(context, run):
            asked.append(stage)
            if stage is Stage.REFUNDS and asked.count(stage) == 1:
                raise StripeUnreachable("away")
            return await real[stage](context, run)

        return look

    for stage in Stage:
        monkeypatch.setitem(stages.STAGE_FUNCTIONS, stage, watched(stage))
    with pytest.raises(StripeUnreachable):
        await found(books)
    assert len(await found(books)) == 1
    assert asked.count(Stage.SESSIONS) == 2, "it must resume, not start over"
    assert asked[-1] is Stage.PLACES


async def test_lists_are_read_page_by_page(books: Harness, monkeypatch):
    gateway = books.services.context.gateway
    ask, pages = gateway.sessions_since, []

    async def small(since, cursor):
        page = await ask(since, cursor)
        pages.append(cursor)
        shorter = page.items[:1]
        following = shorter[0].id if len(page.items) > 1 else None
        return type(page)(shorter, following)

    monkeypatch.setattr(gateway, "sessions_since", small)
    await lost(books)
    three = {(await paid(books)).session_id for _ in range(3)}
    assert {d.session_id for d in await found(books)} == three
    assert len(set(pages)) == 3


async def test_the_timer_comes_after_hours_and_tells_the_money_inbox(books: Harness):
    timer = reconciler(books)
    await timer.run_next_page()
    await lost(books)
    started = await paid(books)

    async def rounds() -> list[str]:
        await compare_to_end(timer)
        return [e.kind for e in (await read_books(books)).inbox if e.resolved_at is None]

    assert await rounds() == [], "not yet time"
    books.clock.advance(HOURS)
    assert await rounds() == [InboxKind.BOOKS_DIFFER.value]
    assert await books.status_of(started) == "pending", "nothing was changed"
    await reconciler(books).settle_all((Difference("x", "", started.session_id),))
    books.clock.advance(HOURS)
    assert await rounds() == [], "gone by itself"


async def test_two_workers_do_not_compare_at_once_and_zero_hours_means_never(books: Harness):
    first, other, never = reconciler(books), reconciler(books), reconciler(books, timedelta())
    await paid(books)
    await first.run_next_page()
    books.clock.advance(HOURS)
    async with writing(books.services.context.database) as work:
        now = books.clock()
        assert await work.reconciliations.take("timer", now, now + timedelta(minutes=2))
    await other.run_next_page()
    await never.run_next_page()
    async with writing(books.services.context.database) as work:
        run = await work.reconciliations.find("timer")
    assert run is not None
    assert run.looked_at == 0
