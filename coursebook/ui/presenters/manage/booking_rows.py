"""One booking on the page of its operators, in words. Pure; `now` and `language` are arguments."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from coursebook.cldr import date_text
from coursebook.domain.booking import SeatState
from coursebook.services.manage.booking_views import (
    BookingAct,
    BookingMoneyView,
    ManagedBookingView,
    MoneyKind,
    MoneyLine,
    StoryStep,
)
from coursebook.services.views import CourseView, MoneyView
from coursebook.ui import i18n
from coursebook.ui.presenters import courses_and_bookings
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.inbox_details import text_in
from coursebook.ui.presenters.manage.people import TONES, came_words
from coursebook.ui.presenters.rows import HistoryRow
from coursebook.ui.presenters.timeline import BAD as BAD_FACTS
from coursebook.ui.presenters.timeline import GOOD as GOOD_FACTS

PAGE = "/manage/bookings/"
ONLY_A_STATE = re.compile(r"Stripe says: [a-z_]+\.")
"""A recorded cause that has nothing which the fact itself does not say."""
SHOWN_ACTS = (
    BookingAct.REFUND,
    BookingAct.CANCEL,
    BookingAct.MOVE,
    BookingAct.CHANGE_PERSON,
    BookingAct.RESEND,
    BookingAct.NOTE,
)
"""The acts that the page offers, in their order."""
FORBIDDEN = "forbidden"
ALL = 100
"""Percent: cancelling is free of charge."""
PLACE_TONES = {
    SeatState.CONFIRMED: "good",
    SeatState.HELD: "warn",
}
NO_MONEY_CAME = ("created", "open", "failed", "expired", "superseded")
"""States of a payment by card that brought no money: the story tells of them."""
MORE_BAD_FACTS = ("mail_failed", "not_refunded", "not_paid")


@dataclass(frozen=True)
class MoneyLineRow:
    """One line with what stands at its end, such as a movement of money with its amount.

    `text` says what it was, `note` who wrote what about it.
    """

    text: str = ""
    note: str = ""
    amount: str = ""


@dataclass(frozen=True)
class ManagedBookingRow:
    """A booking. `acts` has the acts that are offered to its reader: "" or why not now.

    `came` are the meetings so far, with whether the person came. `kept` and `if_cancels` are empty
    for somebody who may not see money. `tone` of place and payment is `good`, `warn`, `bad` or
    `plain`.
    """

    id: str = ""
    number: str = ""
    name: str = ""
    first_name: str = ""
    title: str = ""
    contact: str = ""
    paid_by: str = ""
    course: str = ""
    people_href: str = ""
    when: str = ""
    place: str = ""
    place_tone: str = "plain"
    payment: str = ""
    payment_tone: str = "plain"
    held_until: str = ""
    note: str = ""
    tags: list[str] = field(default_factory=list)
    money: list[MoneyLineRow] = field(default_factory=list)
    kept: str = ""
    price: str = ""
    if_cancels: str = ""
    stays_why: str = ""
    story: list[HistoryRow] = field(default_factory=list)
    came: list[MoneyLineRow] = field(default_factory=list)
    zone: str = ""
    acts: dict[str, str] = field(default_factory=dict)


def managed_booking_row(
    booking: ManagedBookingView, now: datetime, language: str
) -> ManagedBookingRow:
    """Return a booking in words."""
    words, zone = i18n.manage_of(language), booking.course.timezone
    name = booking.name or booking.payer.email or booking.number
    money, payment = booking.money, _payment(booking)
    hold = booking.reserved_until or booking.hold_expires_at
    return ManagedBookingRow(
        id=booking.id,
        number=booking.number,
        name=name,
        first_name=first_name(name),
        title=f"{name} \N{EN DASH} {booking.course.title}",
        contact=_contact(booking),
        paid_by=_paid_by(booking, language),
        course=booking.course.title,
        people_href=f"/manage/courses/{booking.course.id}/people",
        when=_when(booking.course, language),
        place=words.PLACE_WORD[_place(booking)],
        place_tone=PLACE_TONES.get(booking.place, "plain"),
        payment=words.PERSON_STATUS[payment] if payment else "",
        payment_tone=TONES.get(payment, "plain"),
        held_until=words.HELD_UNTIL_MOMENT.format(until=say.moment(hold, zone, language))
        if hold and booking.place is SeatState.HELD
        else "",
        note=booking.note,
        tags=list(booking.tags),
        money=_money_lines(money.lines, zone, language) if money else [],
        kept=say.money(money.kept.amount, money.kept.currency, language) if money else "",
        price=_price(money, language) if money else "",
        if_cancels=_if_cancels(booking, money, now, language) if money else "",
        stays_why=_stays_why(money, language) if money else "",
        story=[_story_row(step, zone, language) for step in booking.story],
        came=[
            MoneyLineRow(
                say.moment(one.meeting.starts_at, zone, language),
                amount=came_words(one.mark, zone, language),
            )
            for one in booking.attendance
        ],
        zone=words.STORY_ZONE.format(zone=say.zone_words(zone, language)),
        acts=_acts(booking, language),
    )


def _when(course: CourseView, language: str) -> str:
    days = say.days(course.starts_at, course.ends_at, course.timezone, language)
    return f"{days}, {courses_and_bookings.times(course, language)}"


def first_name(name: str) -> str:
    """Return what a person is called in a sentence about them."""
    return name.partition(" ")[0]


def _payment(booking: ManagedBookingView) -> str:
    """Return the name of the payment's word; "" without the right, or when it says nothing."""
    money = booking.money
    if money is None:
        return ""
    status = money.payment_status.value
    is_live = booking.place in (SeatState.HELD, SeatState.CONFIRMED)
    if money.price.amount == 0 and status in ("paid", "unpaid"):
        return "free" if is_live else ""
    return "owes" if booking.place is SeatState.CONFIRMED and status == "unpaid" else status


def _place(booking: ManagedBookingView) -> str:
    is_reserved = booking.place is SeatState.HELD and booking.reserved_until is not None
    return "reserved" if is_reserved else booking.place.value


def _contact(booking: ManagedBookingView) -> str:
    person = booking.participant or booking.payer
    return " · ".join(filter(None, (person.email, person.phone)))


def _paid_by(booking: ManagedBookingView, language: str) -> str:
    if booking.participant is None:
        return ""
    payer = booking.payer
    who = " · ".join(filter(None, (payer.name, payer.email, payer.phone)))
    return str(i18n.manage_of(language).BOOKED_BY.format(who=who)) if who else ""


def _price(money: BookingMoneyView, language: str) -> str:
    """Return the price, written as fully as the sums below it."""
    price = _sum(money.price, language)
    if money.list_price is None or money.list_price == money.price:
        return price
    usual = _sum(money.list_price, language)
    return str(i18n.manage_of(language).PRICE_INSTEAD.format(price=price, usual=usual))


def _sum(money: MoneyView, language: str) -> str:
    write = say.money if money.amount else say.price
    return write(money.amount, money.currency, language)


def _money_lines(lines: Sequence[MoneyLine], zone: str, language: str) -> list[MoneyLineRow]:
    shown = [line for line in lines if _is_money(line)]
    return [_money_line(line, zone, language) for line in shown]


def _is_money(line: MoneyLine) -> bool:
    return line.kind is not MoneyKind.PAYMENT or line.state not in NO_MONEY_CAME


def _money_line(line: MoneyLine, zone: str, language: str) -> MoneyLineRow:
    words = i18n.manage_of(language)
    day = line.received_on or line.at.astimezone(say.zone_of(zone)).date()
    form = words.MONEY_LINE_FORM[f"{line.kind.value}_{line.direction}_{line.state}"]
    due = _day(line.due_on, language) if line.due_on else ""
    text = form.format(
        method=words.METHOD.get(line.method, line.method), day=_day(day, language), due=due
    )
    is_moved = line.state not in ("failed", "void", "expected")
    amount = -line.amount.amount if line.direction == "out" and is_moved else line.amount.amount
    own = (line.reason, line.note, line.reference, line.error, line.by)
    disputed = words.LINE_DISPUTED if line.is_disputed else ""
    return MoneyLineRow(
        text=text.strip(" ,"),
        note=" · ".join(filter(None, (disputed, *own))),
        amount=say.money(amount, line.amount.currency, language),
    )


def _day(day: date, language: str) -> str:
    return date_text(day, i18n.manage_of(language).MONEY_DAY_PATTERN, language)


def _if_cancels(
    booking: ManagedBookingView, money: BookingMoneyView, now: datetime, language: str
) -> str:
    """Return what goes back if the person cancels now, and until when nothing is kept."""
    words = i18n.manage_of(language)
    if booking.place is not SeatState.CONFIRMED or not money.kept.amount:
        return ""
    promised, zone = money.promised_now, booking.course.timezone
    name = first_name(booking.name or booking.payer.name or booking.number)
    if not promised.amount:
        return str(words.IF_CANCELS_NOTHING.format(name=name))
    amount = say.money(promised.amount, promised.currency, language)
    moments = [step.until for step in booking.promise if step.percent == ALL and step.until > now]
    if booking.free_cancel_until and booking.free_cancel_until > now:
        moments.append(booking.free_cancel_until)
    if not moments:
        return str(words.IF_CANCELS.format(name=name, amount=amount))
    until = say.moment(max(moments), zone, language)
    return str(words.IF_CANCELS_FREE.format(name=name, amount=amount, until=until))


def _stays_why(money: BookingMoneyView, language: str) -> str:
    words = i18n.manage_of(language)
    if not money.stays.amount or not money.stays_why:
        return ""
    amount = say.money(money.stays.amount, money.stays.currency, language)
    form = words.STAYS_BY_TERMS if money.stays_why == "terms" else words.STAYS_BECAUSE
    return str(form.format(amount=amount, why=money.stays_why))


def _story_row(step: StoryStep, zone: str, language: str) -> HistoryRow:
    words = i18n.manage_of(language)
    fact = step.fact if step.fact in words.BOOKING_STORY else "noted"
    amount = say.money(step.amount.amount, step.amount.currency, language) if step.amount else ""
    detail = told_detail(step.fact, step.detail, _currency(step), zone, language)
    text = words.BOOKING_STORY[fact].format(amount=amount, detail=detail)
    at = words.STORY_AT_FORM.format(
        day=say.day(step.at, zone, language), clock=say.clock(step.at, zone, language)
    )
    is_bad = step.fact in BAD_FACTS or step.fact in MORE_BAD_FACTS
    return HistoryRow(
        text=said_of(text, detail),
        at=" · ".join(filter(None, (at, step.by_name))),
        money=amount if "{amount}" not in words.BOOKING_STORY[fact] else "",
        tone="good" if step.fact in GOOD_FACTS else "bad" if is_bad else "plain",
    )


def said_of(text: str, detail: str) -> str:
    """Return the sentence about a fact; without a detail it ends where the detail would begin."""
    sentence = text.replace("  ", " ").strip()
    return sentence if detail else sentence.removesuffix(".")


def told_detail(fact: str, detail: str, currency: str, zone: str, language: str) -> str:
    """Return what was recorded about a fact in words; "" for facts of the inbox that have none."""
    words = i18n.manage_of(language)
    if fact.startswith("mail_"):
        return str(words.MAIL_NAME.get(detail, detail.replace("_", " ")))
    if ONLY_A_STATE.fullmatch(detail):
        return ""  # the fact says it
    if not fact.startswith("inbox_"):
        return i18n.text_of(detail, language)
    text, spoken = text_in(detail, currency, zone, language)
    return text if spoken == language else ""


def _currency(step: StoryStep) -> str:
    return step.amount.currency if step.amount else ""


def _acts(booking: ManagedBookingView, language: str) -> dict[str, str]:
    """Return the acts that the reader has the right to, each with why it is not possible now."""
    words = i18n.manage_of(language).WHY_NOT
    offered = {act: booking.acts[act] for act in SHOWN_ACTS if act in booking.acts}
    return {
        act.value: words.get(view.why_not, "") if view.why_not else ""
        for act, view in offered.items()
        if view.why_not != FORBIDDEN
    }
