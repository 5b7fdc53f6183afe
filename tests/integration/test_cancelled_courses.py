"""Cancelling a whole course: the preview, the decision, and what the worker makes of it."""

from datetime import timedelta
from email import message_from_string
from email.policy import default

import pytest
import sqlalchemy as sa

from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.errors import AlreadyCancelled, ChangedMeanwhile, Invalid, NotActionable
from coursebook.persistence.schema.tables import (
    AuditEntry,
    Booking,
    Course,
    CourseCancellation,
    OutboxMessage,
    Refund,
)
from coursebook.persistence.unit_of_work import reading
from coursebook.services.bookings.offline_payments import Handover, receive_payment
from coursebook.services.course_cancellation.views import (
    CancellationProgress,
    ExpectedCancellation,
    PeopleCounts,
)
from coursebook.services.views import MoneyView
from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.booking_states import locked_booking_of
from tests.support.harness import OPERATOR, Harness, Started, eur
from tests.support.stripe_objects import charge_of, refunds_at_stripe, session_at_stripe

REASON = "The kiln broke."
TABLES = (Booking, Refund, OutboxMessage, AuditEntry, CourseCancellation)


async def preview(harness: Harness, course: Course, percent: int = 100):
    olga = await harness.principal(OPERATOR)
    return await harness.services.course_cancellations.preview(olga, course.id, percent)


async def cancel(
    harness: Harness, course: Course, percent: int = 100, **more: str
) -> CancellationProgress:
    """Cancel with the sums of now, as somebody who has just looked."""
    count = (await preview(harness, course, percent)).count
    expected = ExpectedCancellation(
        people=count.people.total,
        give_back={money.currency: money.amount for money in count.give_back},
        by_hand={money.currency: money.amount for money in count.by_hand_sums},
    )
    olga = await harness.principal(OPERATOR)
    return await harness.services.course_cancellations.cancel(
        olga, course.id, reason=REASON, expected=expected, percent=percent, **more
    )


async def progress(harness: Harness, course: Course) -> CancellationProgress:
    olga = await harness.principal(OPERATOR)
    return await harness.services.course_cancellations.progress(olga, course.id)


async def rows(harness: Harness) -> list[int]:
    async with reading(harness.services.context.database) as work:
        counts = [sa.select(sa.func.count()).select_from(table) for table in TABLES]
        return [int(await work.session.scalar(query) or 0) for query in counts]


async def pay_by_hand(harness: Harness, started: Started, amount: int) -> None:
    """Confirm a booking for money that the school took by hand."""
    async with locked_booking_of(harness, started) as locked:
        receive_payment(locked, amount, Handover(Method.CASH))
        locked.confirm("Paid in cash.")


async def subjects(harness: Harness, started: Started) -> list[str]:
    return [m["subject"].partition(":")[0] for m in await harness.mails(started.student)]


async def test_everybody_of_a_cancelled_course_gets_back_what_they_paid(harness: Harness):
    course = await harness.course()
    paid = await harness.confirmed(harness.student("ann"), course)
    paying = await harness.checkout(harness.student("bob"), course)
    debit = await harness.checkout(harness.student("cem"), course)
    await harness.pay(debit, cards.DEBIT_SUCCEEDS_LATER)
    disputed = await harness.confirmed(harness.student("dia"), course)
    await harness.control(f"charges/{await charge_of(harness, disputed)}/dispute")
    await harness.quiet()
    by_hand = await harness.checkout(harness.student("eve"), course)
    await pay_by_hand(harness, by_hand, 4500)
    await harness.worker_round()

    before = await rows(harness)
    seen = await preview(harness, course)
    assert await rows(harness) == before, "a preview writes nothing"
    assert seen.count.people == PeopleCounts(card=1, by_hand=1, paying=1, processing=1, disputed=1)
    euros = (MoneyView(4500, "eur"),)
    assert (seen.count.paid_by_card, seen.count.give_back) == ((MoneyView(9000, "eur"),), euros)
    assert (seen.count.on_its_way, seen.count.at_the_bank) == (euros, euros)
    assert [line.booking_id for line in seen.count.by_hand] == [by_hand.booking_id]
    assert (seen.count.refunds, seen.count.open_pages, seen.mails) == (1, 2, 5)
    assert seen.balance is not None

    started = await cancel(harness, course, message="We are sorry.\nSee you in spring.")
    assert (started.total, started.done, started.left, started.at_banks) == (5, 0, 4, 1)
    with pytest.raises(AlreadyCancelled):
        await preview(harness, course)
    for _ in range(3):
        await harness.worker_round()
    now = await progress(harness, course)
    assert (now.done, now.at_banks, now.left, now.finished_at) == (4, 1, 0, None)
    assert (now.refunds.made.count, now.refunds.failed.count) == (1, 0)
    assert (await session_at_stripe(harness, paying))["status"] == "expired"
    await harness.control(f"sessions/{debit.session_id}/settle", outcome="succeeded")
    await harness.quiet()
    for _ in range(3):
        await harness.worker_round()

    now = await progress(harness, course)
    assert (now.done, now.at_banks, now.left) == (5, 0, 0)
    assert now.finished_at is not None
    assert (now.mails.sent, now.mails.waiting, now.mails.failed) == (5, 0, 0)
    books = await check_books(harness)
    assert {b.end_cause for b in books.bookings} == {"course_cancelled"}
    assert [b.amount for b in books.refunds] == [4500, 4500]
    assert [(e.kind, e.amount) for e in books.inbox if e.booking_id == by_hand.booking_id] == [
        ("refund_by_hand", 4500)
    ]
    assert [line.booking_id for line in now.by_hand] == [by_hand.booking_id]
    assert await refunds_at_stripe(harness, disputed) == [], "its bank decides first"
    for booked in (paid, paying, debit, disputed, by_hand):
        mine = await subjects(harness, booked)
        assert mine.count("Cancelled") == 1, mine
    (mail,) = [m for m in await harness.mails(paid.student) if m["subject"].startswith("Cancelled")]
    for words in (f"The school writes: {REASON}", "See you in spring.", "We are sending €45.00"):
        assert words in mail["text"]
    parts = message_from_string(mail["raw"], policy=default).walk()
    assert "CANCEL" in [part.get_param("method") for part in parts]


async def test_with_other_sums_nothing_happens_and_the_new_ones_are_told(harness: Harness):
    course = await harness.course()
    paid = await harness.confirmed(harness.student("ann"), course)
    olga = await harness.principal(OPERATOR)
    cancellations = harness.services.course_cancellations
    before = await rows(harness)
    for expected in (
        ExpectedCancellation(people=0, give_back={"eur": 4500}),
        ExpectedCancellation(people=1, give_back={"eur": 4400}),
        ExpectedCancellation(people=1, give_back={"eur": 4500, "usd": 100}),
        ExpectedCancellation(people=1, give_back={"eur": 4500}, by_hand={"eur": 1}),
    ):
        with pytest.raises(ChangedMeanwhile) as caught:
            await cancellations.cancel(olga, course.id, reason=REASON, expected=expected)
        assert "1 person has a place, €45.00 would be given back" in caught.value.detail
    assert await rows(harness) == before
    assert await harness.status_of(paid) == "confirmed"
    more_people = ExpectedCancellation(people=2, give_back={"eur": 4500})
    done = await cancellations.cancel(olga, course.id, reason=REASON, expected=more_people)
    assert done.total == 1, "fewer people with the same sums are accepted"


async def test_what_cannot_be_cancelled_is_refused(harness: Harness):
    nobody = ExpectedCancellation(people=0)
    cancellations = harness.services.course_cancellations
    olga = await harness.principal(OPERATOR)
    draft = await harness.course(status="draft")
    over = await harness.course(starts_in=-timedelta(days=1))
    for course in (draft, over):
        with pytest.raises(NotActionable):
            await cancellations.cancel(olga, course.id, reason=REASON, expected=nobody)
    course = await harness.course()
    for values, pointer in (
        ({"reason": "  "}, "/reason"),
        ({"reason": "x" * 501}, "/reason"),
        ({"reason": REASON, "message": "x" * 2001}, "/message"),
        ({"reason": REASON, "percent": 50}, "/percent"),
        ({"reason": REASON, "percent": 101}, "/percent"),
    ):
        with pytest.raises(Invalid) as caught:
            await cancellations.cancel(olga, course.id, expected=nobody, **values)
        assert [error.pointer for error in caught.value.errors] == [pointer]
    with pytest.raises(NotActionable):
        await cancellations.progress(olga, course.id)


async def test_after_the_first_meeting_a_share_may_be_given_back(harness: Harness):
    course = await harness.course(starts_in=timedelta(minutes=20))
    paid = await harness.confirmed(harness.student("ann"), course)
    await harness.later(minutes=30)
    seen = await preview(harness, course, percent=40)
    assert seen.has_begun
    assert (seen.count.give_back, seen.count.kept) == (
        (MoneyView(1800, "eur"),),
        (MoneyView(2700, "eur"),),
    )
    await cancel(harness, course, percent=40)
    for _ in range(2):
        await harness.worker_round()
    books = await check_books(harness)
    (booking,) = books.bookings
    assert (booking.place, booking.kept_amount, booking.kept_why) == ("cancelled", 2700, REASON)
    assert [(r.amount, r.cause) for r in books.refunds] == [(1800, "cancelled")]
    mail = next(m for m in await harness.mails(paid.student) if "Cancelled" in m["subject"])
    assert "€27.00 of what you paid stays with the school" in mail["text"]


async def test_money_in_the_inbox_stays_there_and_the_place_ends(harness: Harness):
    """Also when the start passes while the worker is at it."""
    course = await harness.course(starts_in=timedelta(minutes=40))
    paid = await harness.confirmed(harness.student("bob"), course)
    started = await harness.checkout(harness.student("ann"), course)
    await harness.control(f"sessions/{started.session_id}/tamper", amount_total=4400)
    await harness.pay(started)
    seen = await preview(harness, course)
    assert (seen.count.people.paying, seen.count.give_back) == (1, (MoneyView(4500, "eur"),))
    await cancel(harness, course)
    await harness.later(minutes=50)
    for _ in range(2):
        await harness.worker_round()
    books = await check_books(harness)
    ends = [(b.place, b.end_cause) for b in books.bookings]
    assert ends == [("cancelled", "course_cancelled")] * 2
    assert [e.resolved_at for e in books.inbox] == [None]
    assert [(r.booking_id, r.amount) for r in books.refunds] == [(paid.booking_id, 4500)]
    assert (await progress(harness, course)).finished_at is not None


async def test_who_cancels_a_second_later_gets_everything_back_and_one_mail(harness: Harness):
    course = await harness.course(starts_in=timedelta(days=5))
    paid = await harness.confirmed(harness.student("ann"), course)
    await cancel(harness, course)
    answer = await harness.post(f"/api/bookings/{paid.booking_id}/cancel", paid.student)
    assert answer.status_code == 200, answer.text
    for _ in range(3):
        await harness.worker_round()
    books = await check_books(harness)
    assert [(r.amount, r.cause) for r in books.refunds] == [(4500, "cancelled")]
    assert (await subjects(harness, paid)).count("Cancelled") == 1
    assert (await progress(harness, course)).done == 1


async def test_nobody_books_a_cancelled_course_and_it_stays_cancelled(harness: Harness):
    course = await harness.course(price=eur(0))
    assert (await cancel(harness, course)).total == 0
    await harness.worker_round()
    assert (await progress(harness, course)).finished_at is not None
    answer = await harness.post(
        "/api/stripe/checkout", harness.student("ann"), json={"course_id": course.id}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")
    again = await harness.post(f"/api/manage/courses/{course.id}/publish", OPERATOR)
    assert (again.status_code, again.json()["code"]) == (409, "already_cancelled")
    (entry,) = [e for e in await harness.rows_of(AuditEntry) if e.event == "cancelled"]
    assert (entry.course_id, entry.from_state, entry.to_state) == (
        course.id,
        "published",
        "cancelled",
    )
    assert REASON not in f"{entry.cause}{entry.data}", "the trail has no words of people"


async def test_a_place_that_cannot_end_keeps_no_other_from_its_turn(harness: Harness):
    course = await harness.course()
    free = await harness.course(price=eur(0))
    first = await harness.checkout(harness.student("ann"), course)
    await harness.confirmed(harness.student("bob"), free)
    await cancel(harness, course)
    await cancel(harness, free)
    broken = {"kind": "500", "when": "before", "method": "GET", "path": first.session_id}
    await harness.control("faults", count=100, **broken)
    for _ in range(2):
        await harness.worker_round()
    assert (await progress(harness, free)).done == 1
    assert (await progress(harness, course)).done == 0
    await harness.control("faults", count=0)
    await harness.worker_round()
    assert (await progress(harness, course)).done == 1


async def test_a_refunded_half_is_not_given_back_again(harness: Harness):
    course = await harness.course()
    paid = await harness.confirmed(harness.student("ann"), course)
    charge = await charge_of(harness, paid)
    await harness.control(f"charges/{charge}/refund", amount=2000)
    await harness.quiet()
    seen = (await preview(harness, course)).count
    assert (seen.already_back, seen.give_back) == (
        (MoneyView(2000, "eur"),),
        (MoneyView(2500, "eur"),),
    )
    await cancel(harness, course)
    for _ in range(2):
        await harness.worker_round()
    books = await check_books(harness)
    assert sorted(r.amount for r in books.refunds) == [2000, 2500]


async def test_money_that_an_entry_decides_about_is_not_given_back_by_hand_instead(
    harness: Harness,
):
    """45 by card of which a refund of 20 failed, and 15 in cash; half of the price goes back."""
    course = await harness.course(starts_in=timedelta(minutes=20))
    paid = await harness.confirmed(harness.student("ann"), course)
    charge = await charge_of(harness, paid)
    refund = await harness.control(f"charges/{charge}/refund", amount=2000)
    await harness.quiet()
    await harness.control(f"refunds/{refund['refund']['id']}/fail")
    await harness.quiet()
    async with locked_booking_of(harness, paid) as locked:
        locked.booking.price = 6000
        receive_payment(locked, 1500, Handover(Method.CASH))
    await harness.later(minutes=30)
    seen = (await preview(harness, course, percent=50)).count
    assert (seen.give_back, seen.by_hand, seen.kept) == (
        (MoneyView(1000, "eur"),),
        (),
        (MoneyView(3000, "eur"),),
    )
    await cancel(harness, course, percent=50)
    for _ in range(2):
        await harness.worker_round()
    books = await check_books(harness)
    (booking,) = books.bookings
    assert (booking.place, booking.kept_amount, booking.returned_by_hand) == ("cancelled", 3000, 0)
    assert sorted(r.amount for r in books.refunds if r.state != "failed") == [1000]
