"""Samples of notices, dialogs and floating messages."""

from typing import get_args

import reflex as rx

from coursebook.ui import kit
from coursebook.ui.kit.messages import Tone


def _notices() -> rx.Component:
    notices = [kit.notice(f"A notice of tone «{tone}».", tone) for tone in get_args(Tone)]
    more = kit.notice("With a way on.", "info", rx.el.p(kit.text_link("See", href="/kit")))
    hidden = kit.announcement("This is only heard.")
    return kit.live_region(kit.stack(*notices, more, hidden))


def _dialog() -> rx.Component:
    """Return a dialog that the browser opens itself; on pages a state opens it."""
    return kit.stack(
        kit.button(
            "Open the dialog",
            look="secondary",
            custom_attrs={"commandfor": "sample-dialog", "command": "show-modal"},
        ),
        kit.dialog(
            kit.section_title("Cancel this booking?", id="sample-dialog-title"),
            kit.body("You get €45.00 back."),
            kit.dialog_actions(
                kit.button(
                    "Keep it", custom_attrs={"commandfor": "sample-dialog", "command": "close"}
                ),
            ),
            stamp=rx.Var.create(0),
            is_open=rx.Var.create(False),
            on_closed=rx.noop(),
            title_id="sample-dialog-title",
            id="sample-dialog",
        ),
    )


SAMPLES = {
    "notice, live_region, announcement": _notices,
    "needs_script, with_script": lambda: rx.fragment(
        kit.needs_script("Booking needs JavaScript."), kit.with_script(kit.button("Book now"))
    ),
    "dialog, dialog_actions": _dialog,
    "floating, toast": lambda: kit.floating(
        kit.toast(kit.notice("A message above the page.", "info"))
    ),
    "icon": lambda: kit.inline(
        *[kit.icon("calendar", size=size) for size in ("sm", "md", "lg")], kit.body("sm md lg")
    ),
}
