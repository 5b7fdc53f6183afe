"""A payment action sends the shown amount; if it has changed, the new one is shown instead."""

from datetime import timedelta

from coursebook.domain.terms import Terms, TermStep
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.payment_cancel import PaymentCancelState
from tests.support.booking_invariants import read_books
from tests.support.harness import Harness, Student
from tests.ui.tabs import Tab

HALF_AT_LAST = Terms((TermStep(7 * 24, 100), TermStep(24, 50)))


async def dashboard(harness: Harness, student: Student) -> Tab:
    tab = Tab("/bookings")
    await tab.sign_in(harness, student)
    await tab.fire(DashboardState.viewer_arrived)
    return tab


async def raise_price(harness: Harness, course: Course, price: int = 5200) -> None:
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        row.price = price


async def test_a_boundary_that_passes_while_the_question_is_open_asks_again(harness: Harness):
    sam, course = (
        harness.student("sam"),
        await harness.course(starts_in=timedelta(days=8), terms=HALF_AT_LAST),
    )
    started = await harness.confirmed(sam, course)
    tab = await dashboard(harness, sam)
    await tab.fire(DashboardState.cancel_clicked, started.booking_id)
    state = await tab.state(DashboardState)
    assert "€45.00" in state.cancel_question.money
    assert state.cancel_question.promise[0].startswith("100 % back until")
    harness.clock.advance(timedelta(days=1, minutes=1))
    await tab.fire(DashboardState.cancel_confirmed, started.booking_id, await harness.token(sam))
    assert await harness.status_of(started) == "confirmed"
    assert state.cancel_question.id == started.booking_id
    assert "Nothing has happened yet" in state.cancel_question.changed
    assert "You get €22.50 back" in state.cancel_question.money
    assert "€22.50 stays with the school" in state.cancel_question.money
    assert [line[:4] for line in state.cancel_question.promise] == ["50 %"]
    await tab.fire(DashboardState.cancel_confirmed, started.booking_id, await harness.token(sam))
    assert await harness.status_of(started) == "cancelled"
    assert state.cancel_question.id == ""
    (refund,) = (await read_books(harness)).refunds
    assert refund.amount == 2250


async def test_a_payment_that_costs_the_whole_price_is_not_given_up_by_an_older_question(
    harness: Harness,
):
    """The refund is 0.00 in both cases, but now the school keeps a payment."""
    sam, course = harness.student("sam"), await harness.course(terms=Terms())
    started = await harness.checkout(sam, course)
    tab = await dashboard(harness, sam)
    await tab.fire(DashboardState.cancel_clicked, started.booking_id)
    await harness.pay(started)
    await tab.fire(DashboardState.cancel_confirmed, started.booking_id, await harness.token(sam))
    assert await harness.status_of(started) == "confirmed"
    state = await tab.state(DashboardState)
    assert (state.cancel_question.id, state.cancel_question.stays) == (started.booking_id, 4500)


async def test_trying_again_after_the_price_rose_shows_it_first(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    started = await harness.checkout(sam, course)
    await harness.later(minutes=40)
    await harness.worker_round()
    tab = await dashboard(harness, sam)
    away = Tab(f"/payment/cancel?booking_id={started.booking_id}")
    await away.sign_in(harness, sam)
    await away.fire(PaymentCancelState.viewer_arrived)
    await raise_price(harness, course)
    token = await harness.token(sam)
    assert await tab.fire(DashboardState.retry_clicked, started.booking_id, token) == []
    assert await away.fire(PaymentCancelState.retry_clicked, token) == []
    assert await harness.status_of(started) == "failed"
    listed, left = await tab.state(DashboardState), await away.state(PaymentCancelState)
    (row,) = [row for section in listed.sections for row in section.bookings]
    assert (row.amount, left.booking.amount) == ("€52.00", "€52.00")
    assert "it is €52.00 now" in left.notice.text
    (address,) = await tab.fire(DashboardState.retry_clicked, started.booking_id, token)
    assert address.startswith("http")
    assert (await harness.booking(started))["amount"]["amount"] == 5200


async def test_booking_a_course_whose_price_rose_while_it_was_open_shows_it_first(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    tab = Tab(f"/courses/{course.slug}")
    await tab.sign_in(harness, sam)
    await tab.fire(CourseState.page_opened)
    await raise_price(harness, course)
    assert await tab.fire(CourseState.book_clicked, await harness.token(sam)) == []
    state = await tab.state(CourseState)
    assert "The price is now €52." in state.notice.text
    assert state.course.price == "€52"
    assert (await read_books(harness)).bookings == []
    (address,) = await tab.fire(CourseState.book_clicked, await harness.token(sam))
    assert address.startswith("http")


async def test_a_held_place_shows_and_keeps_its_own_price(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    started = await harness.checkout(sam, course)
    await raise_price(harness, course)
    tab = Tab(f"/courses/{course.slug}")
    await tab.sign_in(harness, sam)
    await tab.fire(CourseState.page_opened)
    state = await tab.state(CourseState)
    assert (state.course.price, state.own.price) == ("€52", "€45")
    (address,) = await tab.fire(CourseState.book_clicked, await harness.token(sam))
    assert address == started.checkout_url
