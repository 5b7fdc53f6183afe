"""A native modal dialog: it traps the focus, closes on Escape and restores the focus."""

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.types import Handler

_FILE = browser_file(__name__, "dialog.jsx")


WIDTHS = {False: "w-[min(32rem,calc(100vw-2rem))]", True: "w-[min(38rem,calc(100vw-2rem))]"}
"""The classes for the width of a dialog, by whether it is wide."""


class ModalDialog(rx.Component):
    """The `<dialog>` element, open while `is_open`.

    `on_closed` fires for every way of closing, with the stamp of the opening that ended.
    """

    library = _FILE
    tag = "ModalDialog"

    is_open: rx.Var[bool]
    stamp: rx.Var[int]
    on_closed: rx.EventHandler[rx.event.passthrough_event_spec(int)]


def dialog(
    *children: rx.Component,
    is_open: rx.Var[bool],
    stamp: rx.Var[int],
    on_closed: Handler,
    title_id: str,
    is_wide: bool = False,
    **props: object,
) -> rx.Component:
    """Return a dialog; `title_id` is the id of the heading inside that labels it.

    An element with the attribute `data-closes` closes it in the browser. `stamp` differs for each
    opening.
    """
    return ModalDialog.create(
        rx.el.div(*children, class_name="flex flex-col gap-5 p-6 sm:p-8"),
        is_open=is_open,
        stamp=stamp,
        on_closed=on_closed,
        class_name=f"m-auto {WIDTHS[is_wide]} rounded-2xl border border-(--line) bg-(--surface) "
        "text-(--ink) shadow-(--shadow)",
        custom_attrs={"aria-labelledby": title_id},
        **props,
    )


def dialog_actions(*children: rx.Component) -> rx.Component:
    """Return the buttons of a long dialog, at its two ends; they stay in sight while it scrolls."""
    return rx.el.div(
        *children,
        class_name="sticky bottom-0 -mx-6 -mb-6 flex flex-wrap items-center justify-between gap-3 "
        "border-t border-(--line) bg-(--surface) px-6 py-4 sm:-mx-8 sm:-mb-8 sm:px-8",
    )
