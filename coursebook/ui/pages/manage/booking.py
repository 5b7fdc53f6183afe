"""`/manage/bookings/{id}`: one booking, its story, its money, and what can be done with it."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_acts import booking_acts, focus_of_acts, open_act
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.booking_rows import PAGE as PATH
from coursebook.ui.presenters.manage.booking_rows import MoneyLineRow
from coursebook.ui.states.manage.booking import ManagedBookingState
from coursebook.ui.states.session import SessionState

NOTICE = "booking-notice"


def booking() -> rx.Component:
    """Return the page."""
    is_asking = ManagedBookingState.panel.act != ""
    return layout.manage_page(
        "bookings",
        ManagedBookingState,
        kit.stack(
            _head(),
            focus_of_acts(),
            kit.focus_target(
                linked_notice(ManagedBookingState.notice),
                kit.focus_on(rx.Var.create(NOTICE), ManagedBookingState.done_stamp),
                id=NOTICE,
            ),
            kit.acts_split(_story(), _side(), is_aside_first=is_asking),
            gap="lg",
        ),
    )


def _head() -> rx.Component:
    row, words = ManagedBookingState.booking, i18n.manage
    people = rx.Var.create(row.course).to(str) + ", " + words.PEOPLE_TITLE
    badges = kit.inline(
        _badge(row.place, row.place_tone),
        rx.cond(row.payment != "", _badge(row.payment, row.payment_tone)),
    )
    return kit.stack(
        kit.page_head(row.name, crumb=people, crumb_href=row.people_href, meta=badges),
        kit.stack(
            kit.body(
                rx.el.span(row.course, lang=SessionState.courses_language, dir="auto"),
                " · ",
                row.when,
            ),
            kit.body(
                rx.cond(row.contact != "", rx.el.span(row.contact, " · ")),
                words.BOOKING_NUMBER,
                " ",
                kit.strong(row.number),
                tone="soft",
            ),
            rx.cond(row.paid_by != "", kit.body(row.paid_by, tone="soft")),
            rx.cond(row.held_until != "", kit.body(row.held_until, tone="soft")),
            gap="xs",
        ),
        gap="sm",
    )


def _badge(text: rx.Var[str], tone: rx.Var[str]) -> rx.Component:
    check = rx.fragment(kit.icon("circle-check"), text)
    return rx.match(
        tone,
        ("good", kit.badge(check, tone="good")),
        ("warn", kit.badge(text, tone="warn")),
        ("bad", kit.badge(text, tone="bad")),
        kit.badge(text),
    )


def _story() -> rx.Component:
    row, words = ManagedBookingState.booking, i18n.manage
    return kit.stack(
        rx.cond(row.note != "", kit.notice(row.note, "warn", data_testid="note")),
        rx.cond(row.tags.length() > 0, kit.tags(row.tags)),
        kit.section_title(words.STORY_TITLE),
        kit.timeline(
            row.story,
            lambda step: kit.timeline_step(step.text, step.at, step.money, step.tone),
        ),
        kit.small(row.zone),
        data_testid="story",
    )


def _side() -> rx.Component:
    panel = ManagedBookingState.panel
    parts = kit.stack(_money(), booking_acts(), _attendance(), gap="lg")
    return rx.cond(panel.act != "", open_act(), parts)


def _attendance() -> rx.Component:
    """Return the meetings so far, and whether the person came."""
    came = ManagedBookingState.booking.came
    rows = kit.money_list(rx.foreach(came, _money_line))
    title = kit.section_title(i18n.manage.BOOKING_CAME)
    return rx.cond(came.length() > 0, kit.stack(title, rows, data_testid="attendance"))


def _money() -> rx.Component:
    row, words = ManagedBookingState.booking, i18n.manage
    lines = rx.foreach(row.money, _money_line)
    figures = kit.stack(
        kit.section_title(words.MONEY_TITLE),
        kit.money_list(
            kit.money_row(words.BOOKING_PRICE, row.price),
            lines,
            kit.money_row(words.LEFT_WITH_US, row.kept, is_total=True, data_testid="kept"),
        ),
        rx.cond(row.if_cancels != "", kit.small(row.if_cancels, data_testid="if-cancels")),
        rx.cond(row.stays_why != "", kit.small(row.stays_why)),
        data_testid="money",
    )
    return rx.cond(row.kept != "", figures)


def _money_line(line: rx.Var[MoneyLineRow]) -> rx.Component:
    return kit.money_row(line.text, line.amount, note=line.note)


PAGE = Page(
    route=f"{PATH}[booking_key]",
    build=booking,
    title=manage_title(ManagedBookingState, ManagedBookingState.booking.title),
    state=ManagedBookingState,
    is_public=False,
)
