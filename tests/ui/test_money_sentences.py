"""What is said of the money of a booking: situation → sentence, in both languages.

Situations are made by the product itself (sandbox, webhooks, test controls); the table names every
sentence that a page or a mail says in them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from coursebook.domain.booking import BookingStatus, PaymentStatus
from coursebook.domain.booking_statement import MoneyOutcome
from coursebook.services.views import AttemptView, BookingView, MoneyView, RefundView, TermStepView
from coursebook.ui import i18n
from coursebook.ui.presenters import booking_statement, courses_and_bookings, timeline
from coursebook.ui.presenters import format as say
from coursebook.ui.states.payment import PaymentState, confirmed_words
from coursebook.ui.states.payment_cancel import story_of
from tests.support import cards
from tests.support.harness import OPERATOR, Harness, Started, eur
from tests.support.stripe_objects import charge_of
from tests.ui.tabs import Tab
from tests.ui.test_presenters import BOOKING, COURSE, EUR_45, NOW, PAID

NB = "\N{NO-BREAK SPACE}"
HALF = MoneyView(2250, "eur")
OVER = replace(PAID, status=BookingStatus.CANCELLED, can_cancel=False)


def refund(state: str, amount: MoneyView = EUR_45, cause: str = "cancelled") -> RefundView:
    return RefundView("rfd_1", state, amount, cause, NOW)


def paid(amount: MoneyView = EUR_45, *, is_disputed: bool = False) -> tuple[AttemptView, ...]:
    attempt = AttemptView(1, "succeeded", EUR_45, NOW, None, is_disputed=is_disputed)
    return (replace(attempt, received=None if amount == EUR_45 else amount),)


@dataclass(frozen=True)
class Case:
    """A finished booking, and the texts about its money after it was cancelled."""

    booking: BookingView
    told: tuple[MoneyOutcome, ...]
    english: str
    german: str


CASES = {
    "nothing paid": Case(
        replace(BOOKING, status=BookingStatus.CANCELLED),
        (MoneyOutcome.NOTHING_CHARGED,),
        "Nothing was charged.",
        "Es wurde nichts abgebucht.",
    ),
    "free of charge": Case(
        replace(
            OVER,
            amount=MoneyView(0, "eur"),
            attempts=(AttemptView(1, "succeeded", MoneyView(0, "eur"), NOW, None),),
        ),
        (MoneyOutcome.FREE,),
        "It was free of charge.",
        "Sie war kostenlos.",
    ),
    "all goes back": Case(
        replace(OVER, refunds=(refund("created"),)),
        (MoneyOutcome.GOES_BACK,),
        "€45.00 is on its way back to you.",
        f"45,00{NB}€ sind auf dem Weg zurück zu Ihnen.",
    ),
    "all went back": Case(
        replace(OVER, refunds=(refund("succeeded"),)),
        (MoneyOutcome.WENT_BACK,),
        "€45.00 was sent back to you.",
        f"45,00{NB}€ wurden an Sie zurückgeschickt.",
    ),
    "half by the terms": Case(
        replace(OVER, refunds=(refund("pending", HALF),), kept=HALF, kept_why="terms"),
        (MoneyOutcome.GOES_BACK, MoneyOutcome.KEPT_BY_TERMS),
        "€22.50 is on its way back to you. By the terms you were shown when booking, €22.50 of "
        "what you paid stays with the school.",
        f"22,50{NB}€ sind auf dem Weg zurück zu Ihnen. Nach den Bedingungen, die Sie beim Buchen "
        f"gesehen haben, bleiben 22,50{NB}€ Ihrer Zahlung bei der Schule.",
    ),
    "all kept by the terms": Case(
        replace(OVER, kept=EUR_45, kept_why="terms"),
        (MoneyOutcome.KEPT_BY_TERMS,),
        "By the terms you were shown when booking, €45.00 of what you paid stays with the school.",
        "Nach den Bedingungen, die Sie beim Buchen gesehen haben, bleiben "
        f"45,00{NB}€ Ihrer Zahlung bei der Schule.",
    ),
    "kept by an operator": Case(
        replace(OVER, kept=EUR_45, kept_why="as agreed by phone"),
        (MoneyOutcome.KEPT,),
        "€45.00 of what you paid stays with the school: as agreed by phone",
        f"45,00{NB}€ Ihrer Zahlung bleiben bei der Schule: as agreed by phone",
    ),
    "given back in the dashboard before": Case(
        replace(OVER, refunds=(refund("succeeded", cause="stripe_dashboard"),)),
        (MoneyOutcome.WENT_BACK,),
        "€45.00 was sent back to you.",
        f"45,00{NB}€ wurden an Sie zurückgeschickt.",
    ),
    "the refund failed later": Case(
        replace(OVER, refunds=(refund("failed"),)),
        (MoneyOutcome.NOT_BACK,),
        "A refund of €45.00 did not go through. We will find another way.",
        f"Eine Erstattung von 45,00{NB}€ ist nicht durchgegangen. Wir finden einen anderen Weg.",
    ),
    "the second try of a refund goes through": Case(
        replace(OVER, refunds=(refund("failed"), refund("pending", cause="refund_again"))),
        (MoneyOutcome.GOES_BACK,),
        "€45.00 is on its way back to you.",
        f"45,00{NB}€ sind auf dem Weg zurück zu Ihnen.",
    ),
    "in a dispute": Case(
        replace(OVER, attempts=paid(is_disputed=True), payment_status=PaymentStatus.DISPUTED),
        (MoneyOutcome.AT_THE_BANK,),
        "Your bank has questioned your payment of €45.00. Until it has decided, none of it moves.",
        f"Ihre Bank hat Ihre Zahlung von 45,00{NB}€ angefochten. Solange sie nicht entschieden "
        "hat, bewegt sich davon nichts.",
    ),
    "paid in another currency": Case(
        replace(
            OVER,
            attempts=paid(MoneyView(2000, "usd")),
            refunds=(refund("pending", MoneyView(2000, "usd"), "given_back_by_operator"),),
        ),
        (MoneyOutcome.GOES_BACK,),
        "$20.00 is on its way back to you.",
        f"20,00{NB}$ sind auf dem Weg zurück zu Ihnen.",
    ),
    "given back by hand": Case(
        replace(OVER, attempts=(), received_by_hand=4500, returned_by_hand=4500),
        (MoneyOutcome.BACK_BY_HAND,),
        "The school gives €45.00 back to you by hand.",
        f"Die Schule gibt Ihnen 45,00{NB}€ von Hand zurück.",
    ),
    "nothing was decided about it": Case(
        OVER,
        (MoneyOutcome.STILL_HERE,),
        "€45.00 of what you paid is with the school.",
        f"45,00{NB}€ Ihrer Zahlung sind bei der Schule.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_became_of_the_money_is_told_as_it_is_recorded(name: str):
    case = CASES[name]
    outcomes = tuple(line.outcome for line in booking_statement.account_of(case.booking))
    assert outcomes == case.told
    assert booking_statement.money_words(case.booking, "en") == case.english
    assert booking_statement.money_words(case.booking, "de") == case.german
    for language, money in (("en", case.english), ("de", case.german)):
        assert courses_and_bookings.cancelled_words(case.booking, language).endswith(money)


def test_the_table_has_every_line_but_what_only_a_bank_decides():
    assert {told for case in CASES.values() for told in case.told} == set(MoneyOutcome) - {
        MoneyOutcome.BY_THE_BANK
    }
    for language in i18n.LANGUAGES:
        for table in (i18n.of(language).MONEY_TOLD, i18n.of(language).NEXT_MONEY):
            assert set(table) == {told.value for told in MoneyOutcome}


ASKED = {
    "nothing paid": (BOOKING, "CANCEL_NOTHING_PAID"),
    "free": (
        replace(PAID, amount=MoneyView(0, "eur"), attempts=()),
        "CANCEL_FREE",
    ),
    "nothing back by the terms": (replace(PAID, stays_if_cancelled=EUR_45), "CANCEL_STAYS"),
    "given back before": (replace(PAID, refunds=(refund("succeeded"),)), "CANCEL_GIVEN_BEFORE"),
    "disputed": (
        replace(PAID, payment_status=PaymentStatus.DISPUTED, attempts=paid(is_disputed=True)),
        "CANCEL_DISPUTED",
    ),
}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("name", ASKED)
def test_the_question_before_cancelling_gives_the_reason_that_holds(name: str, language: str):
    booking, key = ASKED[name]
    amount = courses_and_bookings.say.money(4500, "eur", language)
    expected = getattr(i18n.of(language), key).format(amount=amount)
    assert courses_and_bookings.cancel_row(booking, language).money == expected


def test_the_question_names_both_sums():
    booking = replace(PAID, refund_if_cancelled=HALF, stays_if_cancelled=HALF)
    english = courses_and_bookings.cancel_row(booking, "en").money
    assert english.startswith("You get €22.50 back")
    assert "€22.50 stays with the school" in english


@pytest.mark.parametrize("status", list(BookingStatus))
def test_a_booking_of_price_zero_has_no_word_for_money(status: BookingStatus):
    free = replace(
        PAID,
        status=status,
        amount=MoneyView(0, "eur"),
        attempts=(AttemptView(1, "succeeded", MoneyView(0, "eur"), NOW, None),),
    )
    assert courses_and_bookings.booking_row(free, "en").payment == ""
    assert courses_and_bookings.booking_row(PAID, "en").payment == "Paid"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_terms_whose_time_is_over_are_not_promised(language: str):
    course = replace(COURSE, terms=replace(COURSE.terms, steps=()))
    assert courses_and_bookings.terms(course, language) == i18n.of(language).TERMS_NOTHING
    assert courses_and_bookings.course_detail(course, language).terms_steps == []


def test_a_booking_says_why_cancelling_is_free_and_nothing_beyond_the_start():
    """A start that moved forward lies before moments that were promised."""
    start, soon = COURSE.starts_at, COURSE.starts_at - timedelta(days=9)
    steps = (TermStepView(soon, 100), TermStepView(start + timedelta(days=3), 50))
    booking = replace(
        PAID, terms=replace(PAID.terms, steps=steps), can_cancel=True, free_cancel_until=soon
    )
    free, half = courses_and_bookings.promised(booking, "en")
    assert free.startswith("Free of charge until ")
    assert half == i18n.of("en").TERMS_STEP.format(
        percent=50, until=say.moment(start, COURSE.timezone, "en")
    )


def test_the_success_page_says_later_what_is_true_later():
    told = i18n.of("en")
    begun = replace(PAID, course=replace(COURSE, closed="begun"), confirmed_at=NOW)
    at = {"fresh": NOW, "later": NOW + timedelta(days=2)}
    fresh = replace(PAID, confirmed_at=NOW)
    assert "on its way to a@b.test" in confirmed_words(fresh, "a@b.test", at["fresh"], "en")
    assert confirmed_words(fresh, "a@b.test", at["later"], "en") == told.CONFIRMED_LATER_TEXT
    assert confirmed_words(begun, "a@b.test", at["later"], "en") == told.CONFIRMED_BEGUN_TEXT


WHY = {
    "late_payment": "no place was left",
    "other_place_payment": "another place on this course",
    "moved_payment": "before your booking was moved",
    "closed_payment": "could not be booked any more",
    "started_payment": "had begun when you paid",
    "course_cancelled_payment": "has cancelled the course",
    "cancelled_payment": "after the booking was cancelled",
    "stripe_dashboard": "The school gave it back",
}


@pytest.mark.parametrize("cause", WHY)
def test_why_money_goes_back_is_the_cause_of_its_refund(cause: str):
    booking = replace(OVER, status=BookingStatus.FAILED, refunds=(refund("pending", cause=cause),))
    assert WHY[cause] in booking_statement.why_given_back(booking, "en")
    for other in WHY.values():
        said = other in booking_statement.why_given_back(booking, "en")
        assert said == (other == WHY[cause])
    assert booking_statement.why_given_back(booking, "de")
    assert "no place" not in story_of(booking, "en") or cause == "late_payment"


@pytest.mark.parametrize("cause", ["student", "operator", "course_cancelled"])
@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_who_cancelled_is_told(cause: str, language: str):
    booking = replace(OVER, end_cause=cause, refunds=(refund("pending"),))
    said = booking_statement.why_given_back(booking, language)
    assert said == i18n.of(language).GIVEN_BACK_WHY[f"cancelled_{cause}"]


# the same situations, produced by the product


async def cancelled_late(harness: Harness) -> Started:
    """Cancelled by the student when the terms refund nothing."""
    course = await harness.course(price=eur(45), starts_in=timedelta(days=1))
    started = await harness.confirmed(harness.student("sam"), course)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    return started


async def cancelled_by_the_school(harness: Harness) -> Started:
    """Cancelled by an operator, who refunds everything regardless of the terms."""
    course = await harness.course(price=eur(45), starts_in=timedelta(days=1))
    started = await harness.confirmed(harness.student("sam"), course)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    return started


async def given_back_in_the_dashboard(harness: Harness) -> Started:
    """Refunded in Stripe's dashboard, then cancelled by the student."""
    started = await harness.confirmed(harness.student("sam"), await harness.course(price=eur(45)))
    await harness.control(f"charges/{await charge_of(harness, started)}/refund", amount=4500)
    await harness.quiet()
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    return started


async def disputed(harness: Harness) -> Started:
    """Cancelled by the student during a dispute."""
    started = await harness.confirmed(harness.student("sam"), await harness.course(price=eur(45)))
    await harness.control(f"charges/{await charge_of(harness, started)}/dispute")
    await harness.quiet()
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    return started


async def free(harness: Harness) -> Started:
    """A free seat that its student cancels."""
    started = await harness.confirmed(harness.student("sam"), await harness.course(price=eur(0)))
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    return started


MAILS: dict[Callable[[Harness], Awaitable[Started]], tuple[str, str]] = {
    cancelled_late: (
        "You have cancelled your booking",
        "By the terms you were shown when booking, €45.00 of what you paid stays with the school.",
    ),
    cancelled_by_the_school: (
        "The school has cancelled your booking",
        "We are sending €45.00 back to your payment method.",
    ),
    given_back_in_the_dashboard: (
        "You have cancelled your booking",
        "€45.00 was sent back to your payment method.",
    ),
    disputed: (
        "You have cancelled your booking",
        "Your bank has questioned your payment of €45.00.",
    ),
    free: ("You have cancelled your booking", "It was free of charge."),
}


@pytest.mark.parametrize("situation", MAILS, ids=lambda one: one.__name__)
async def test_the_mail_after_cancelling_says_who_and_what_was_decided(
    harness: Harness, situation: Callable[[Harness], Awaitable[Started]]
):
    started = await situation(harness)
    await harness.worker_round()
    mails = await harness.mails(started.student)
    [mail] = [m for m in mails if m["subject"].startswith("Cancelled")]
    text = " ".join(mail["text"].split())
    for sentence in MAILS[situation]:
        assert sentence in text
    others = {sentence for _, sentence in MAILS.values()} - set(MAILS[situation])
    assert not [sentence for sentence in others if sentence in text]


async def test_the_success_page_of_a_booking_that_was_cancelled_later_gives_its_reason(
    harness: Harness,
):
    started = await cancelled_by_the_school(harness)
    await harness.worker_round()
    await harness.quiet()
    tab = Tab(f"/payment/success?session_id={started.session_id}")
    await tab.sign_in(harness, started.student)
    await tab.fire(PaymentState.viewer_arrived)
    page = await tab.state(PaymentState)
    assert page.view_state in ("given_back", "sent_back")
    assert page.money_words.startswith("The school cancelled the booking. Your €45.00")
    assert "no place" not in page.money_words


async def test_a_refund_that_fails_later_is_told_on_the_page_and_by_mail(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course(price=eur(45)))
    await harness.pay(started, card=cards.REFUND_FAILS)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    await harness.worker_round()
    await harness.later(minutes=30)
    await harness.quiet()
    await harness.worker_round()
    await harness.worker_round()
    principal = await harness.principal(sam)
    story = await harness.services.dashboard.story(principal, started.booking_id)
    assert story.booking.refunds[-1].state == "failed"
    assert timeline.next_words(story, "en") == (
        "The refund of €45.00 did not go through. We will find another way and write to you."
    )
    subjects = [mail["subject"] for mail in await harness.mails(sam)]
    assert any(subject.startswith("Your refund did not go through") for subject in subjects)
