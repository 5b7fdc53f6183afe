"""After the payment page: the stored booking decides, never the URL."""

import pytest

from coursebook.identity.principal import Principal
from coursebook.services.views import BookingStory
from coursebook.ui import i18n
from coursebook.ui.states import payment
from coursebook.ui.states.payment import PaymentState
from coursebook.ui.states.payment_cancel import PaymentCancelState
from tests.support import cards
from tests.support.harness import Harness, Started, Student, eur
from tests.ui.tabs import Tab


async def returned(harness: Harness, student: Student, started: Started) -> PaymentState:
    tab = Tab(f"/payment/success?session_id={started.session_id}")
    await tab.sign_in(harness, student)
    await tab.fire(PaymentState.viewer_arrived)
    return await tab.state(PaymentState)


async def test_a_paid_session_becomes_confirmed(harness: Harness):
    sam = harness.student("sam")
    started = await harness.confirmed(sam, await harness.course(title="Clay"))
    state = await returned(harness, sam, started)
    assert state.view_state == "confirmed"
    assert (state.booking.title, state.booking.amount) == ("Clay", "€45.00")
    assert sam.email in state.mail_words


async def test_the_success_page_settles_when_no_webhook_comes(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.control(f"sessions/{started.session_id}/pay", card=cards.VISA)
    state = await returned(harness, sam, started)
    await harness.control("deliveries/mode", mode="normal")
    assert state.view_state == "confirmed"


async def test_an_unpaid_session_is_never_called_confirmed(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    state = await returned(harness, sam, started)
    assert state.view_state == "later"
    assert "try again" not in i18n.of("en").LATER_TEXT.lower()


async def test_another_person_s_session_is_not_found(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course(title="Clay"))
    state = await returned(harness, harness.student("sally"), started)
    assert (state.view_state, state.booking.title) == ("missing", "")


async def test_a_free_booking_is_found_by_its_id(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course(price=eur(0)))
    tab = Tab(f"/payment/success?booking_id={started.booking_id}")
    await tab.sign_in(harness, sam)
    await tab.fire(PaymentState.viewer_arrived)
    state = await tab.state(PaymentState)
    assert (state.view_state, state.booking.amount) == ("confirmed", i18n.of("en").FREE)


async def test_arriving_before_the_new_address_is_known_waits_for_it(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course(price=eur(0)))
    tab = Tab("/courses/clay")
    await tab.sign_in(harness, sam)
    state = await tab.state(PaymentState)
    await tab.fire(PaymentState.viewer_arrived)
    assert (state.view_state, state.shown_for) == ("confirming", "")
    tab.go(f"/payment/success?booking_id={started.booking_id}")
    await tab.fire(PaymentState.page_opened)
    assert (state.view_state, state.shown_for) == ("confirmed", state.viewer)


async def test_the_cancel_page_waits_for_its_address_too(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    tab = Tab("/sign-in")
    await tab.sign_in(harness, sam)
    state = await tab.state(PaymentCancelState)
    await tab.fire(PaymentCancelState.viewer_arrived)
    assert state.shown_for == ""
    tab.go(f"/payment/cancel?booking_id={started.booking_id}")
    await tab.fire(PaymentCancelState.page_opened)
    assert (state.view_state, state.shown_for) == ("content", state.viewer)


async def test_an_address_without_anything_is_not_found(harness: Harness):
    tab = Tab("/payment/success?session_id=../../x")
    await tab.sign_in(harness, harness.student("sam"))
    await tab.fire(PaymentState.viewer_arrived)
    assert (await tab.state(PaymentState)).view_state == "missing"


async def test_while_nobody_is_known_nothing_is_shown(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    tab = Tab(f"/payment/success?session_id={started.session_id}")
    await tab.fire(PaymentState.viewer_arrived)
    assert (await tab.state(PaymentState)).booking.title == ""


async def test_coming_back_unpaid_says_that_nothing_was_charged(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    tab = Tab(f"/payment/cancel?booking_id={started.booking_id}")
    await tab.sign_in(harness, sam)
    await tab.fire(PaymentCancelState.viewer_arrived)
    state = await tab.state(PaymentCancelState)
    assert state.story == i18n.of("en").PAYMENT_CANCELLED_TEXT
    assert state.booking.hold_seconds > 0
    assert state.booking.can_retry
    token = await harness.token(sam)
    assert await tab.fire(PaymentCancelState.retry_clicked, token) == [started.checkout_url]


async def test_coming_back_when_it_was_paid_elsewhere_says_so(harness: Harness):
    sam = harness.student("sam")
    started = await harness.confirmed(sam, await harness.course())
    tab = Tab(f"/payment/cancel?booking_id={started.booking_id}")
    await tab.sign_in(harness, sam)
    await tab.fire(PaymentCancelState.viewer_arrived)
    state = await tab.state(PaymentCancelState)
    assert state.story == i18n.of("en").PAYMENT_CANCELLED_PAID
    assert (state.standing, state.booking.can_retry) == ("confirmed", False)


async def test_a_hold_that_ran_out_is_not_called_a_cancelled_payment(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.later(hours=1)
    await harness.worker_round()
    tab = Tab(f"/payment/cancel?booking_id={started.booking_id}")
    await tab.sign_in(harness, sam)
    await tab.fire(PaymentCancelState.viewer_arrived)
    assert (await tab.state(PaymentCancelState)).standing == "not_in_time"


async def test_somebody_else_s_booking_is_not_shown_on_the_cancel_page(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    tab = Tab(f"/payment/cancel?booking_id={started.booking_id}")
    await tab.sign_in(harness, harness.student("sally"))
    await tab.fire(PaymentCancelState.viewer_arrived)
    assert (await tab.state(PaymentCancelState)).view_state == "missing"


async def test_trying_again_as_a_stranger_leads_to_sign_in_and_back(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    tab = Tab(f"/payment/cancel?booking_id={started.booking_id}")
    (address,) = await tab.fire(PaymentCancelState.retry_clicked, "")
    assert address.startswith("/sign-in?next=/payment/cancel%3Fbooking_id%3D")


async def test_before_stripe_was_asked_nobody_says_that_nothing_was_charged(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    tab = Tab(f"/payment/cancel?booking_id={started.booking_id}")
    await tab.sign_in(harness, sam)
    await harness.control("faults", count=20, kind="500", when="before")
    await tab.fire(PaymentCancelState.viewer_arrived)
    state = await tab.state(PaymentCancelState)
    assert state.story == i18n.of("en").NOT_ASKED_YET
    await harness.control("faults", count=0)
    await tab.fire(PaymentCancelState.again_clicked)
    assert state.story == i18n.of("en").PAYMENT_CANCELLED_TEXT


async def test_a_decline_is_told_on_the_cancel_page_with_its_reason(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.pay(started, cards.DECLINED)
    tab = Tab(f"/payment/cancel?booking_id={started.booking_id}")
    await tab.sign_in(harness, sam)
    await tab.fire(PaymentCancelState.viewer_arrived)
    last = (await tab.state(PaymentCancelState)).booking.history[-1]
    assert (last.text.endswith("Your card was declined."), last.money) == (
        True,
        "Nothing was charged",
    )


async def test_a_payment_that_failed_at_the_bank_says_so_and_can_be_tried_again(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.later(hours=1)
    await harness.worker_round()
    tab = Tab(f"/payment/success?session_id={started.session_id}")
    await tab.sign_in(harness, sam)
    await tab.fire(PaymentState.viewer_arrived)
    state = await tab.state(PaymentState)
    assert (state.view_state, state.booking.can_retry) == ("not_booked", True)
    assert state.booking.next == i18n.of("en").NEXT["try_again"]
    (address,) = await tab.fire(PaymentState.retry_clicked, await harness.token(sam))
    assert "/c/pay/cs_test_" in address
    (way,) = await tab.fire(PaymentState.retry_clicked, "")
    assert way.startswith("/sign-in?next=/payment/success%3Fsession_id%3Dcs_test_")


async def test_the_calendar_file_is_given_after_paying(harness: Harness):
    sam = harness.student("sam")
    started = await harness.confirmed(sam, await harness.course())
    tab = Tab(f"/payment/success?session_id={started.session_id}")
    await tab.sign_in(harness, sam)
    await tab.fire(PaymentState.viewer_arrived)
    (address,) = await tab.fire(PaymentState.calendar_clicked, started.booking_id)
    assert address.startswith("data:text/calendar;base64,")
    other = Tab("/payment/success")
    await other.sign_in(harness, harness.student("sally"))
    assert await other.fire(PaymentState.calendar_clicked, started.booking_id) == []


async def test_a_second_poll_of_a_page_takes_nothing_away_that_is_shown(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    """A page polls for its address, and again when its person is known: one may just be reading."""
    sam = harness.student("sam")
    started = await harness.confirmed(sam, await harness.course())
    other = await harness.checkout(sam, await harness.course())
    tab = Tab(f"/payment/success?session_id={started.session_id}")
    await tab.sign_in(harness, sam)
    await tab.fire(PaymentState.page_opened)
    state, seen = await tab.state(PaymentState), list[tuple[str, str]]()
    story_of = payment._story_of

    async def look(who: Principal, *ids: str) -> BookingStory:
        seen.append((state.view_state, state.booking.id))
        return await story_of(who, *ids)

    monkeypatch.setattr(payment, "_story_of", look)
    await tab.fire(PaymentState.viewer_arrived)
    assert seen == [("confirmed", started.booking_id)]
    tab.go(f"/payment/success?session_id={other.session_id}")
    await tab.fire(PaymentState.page_opened)
    assert seen[1] == ("confirming", ""), "another booking's answer is not this one's"
