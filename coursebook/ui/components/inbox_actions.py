"""What can be done with an entry of the money inbox: its one action, and closing it by hand."""

from typing import Any

import reflex as rx

from coursebook.identity.shell import token_button, token_form
from coursebook.ui import i18n, kit
from coursebook.ui.presenters.rows import InboxRow


def inbox_button(state: Any, row: rx.Var[InboxRow], *, look: str) -> rx.Component:
    """Return the button of the action, and of the other one that few kinds have."""

    def button(text: rx.Var[str], action: rx.Var[str], shape: str, test_id: str) -> rx.Component:
        return token_button(
            rx.cond(state.busy_id == row.id, i18n.manage.INBOX_BUSY, text),
            kit.visually_hidden(", ", row.cause, " ", row.student),
            on_press=lambda token: state.act_clicked(
                row.id, action, row.expect_amount, row.expect_currency, token
            ),
            busy=state.is_busy,
            class_name=kit.button_class(shape),
            data_testid=test_id,
        )

    other = rx.cond(row.other_act != "", button(row.other_act, row.other_action, "quiet", "other"))
    both = rx.fragment(button(row.act, row.action, look, "act"), other)
    return rx.cond((row.act != "") & state.may_act, both)


def booking_of_entry(row: rx.Var[InboxRow]) -> rx.Component:
    """Return the number of the booking, as a link for whoever may open it."""
    number = rx.cond(row.number != "", row.number, "\N{EN DASH}")
    link = kit.text_link(row.number, href=row.booking_href)
    return rx.cond(row.booking_href != "", link, rx.fragment(number))


def dispute_of_entry(row: rx.Var[InboxRow]) -> rx.Component:
    """Return what to search for in Stripe's dashboard; nothing for an entry without a dispute."""
    return rx.cond(row.dispute != "", kit.figures((i18n.manage.INBOX_AT_STRIPE, row.dispute)))


def close_by_hand(state: Any, row: rx.Var[InboxRow]) -> rx.Component:
    """Return the form that closes an entry with a note; nothing for a closed one."""
    words = i18n.manage
    form = token_form(
        rx.el.input(type="hidden", name="entry", value=row.id, read_only=True),
        kit.text_field(
            words.INBOX_NOTE,
            row.id.to(str) + "-by-hand",
            name="note",
            auto_complete="off",
            hint=words.INBOX_NOTE_HINT,
            error=rx.cond(state.note_problems.contains(row.id), state.note_problems[row.id], ""),
        ),
        kit.inline(
            kit.button(
                words.INBOX_CLOSE,
                kit.visually_hidden(", ", row.cause, " ", row.student),
                look="secondary",
                type="submit",
                data_testid="close-by-hand",
            )
        ),
        on_send=state.note_sent,
        busy=state.is_busy,
        class_name=kit.form_class(),
    )
    return rx.cond((row.action != "") & state.may_act, kit.narrow(form))
