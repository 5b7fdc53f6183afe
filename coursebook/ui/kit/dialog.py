"""A native modal dialog: it traps the focus, closes on Escape and restores the focus."""

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.types import Handler

_FILE = browser_file(__name__, "dialog.jsx")


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
        class_name="m-auto w-[min(32rem,calc(100vw-2rem))] rounded-2xl border border-(--line) "
        "bg-(--surface) text-(--ink) shadow-(--shadow)",
        custom_attrs={"aria-labelledby": title_id},
        **props,
    )
