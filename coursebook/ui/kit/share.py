"""A button that shares the address of the page."""

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.actions import button_class
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.types import Text

_FILE = browser_file(__name__, "share.jsx")


class ShareButton(rx.Component):
    """Opens the system's share menu; without one, copies the address and says so."""

    library = _FILE
    tag = "ShareButton"

    title: rx.Var[str]
    copied: rx.Var[str]
    failed: rx.Var[str]
    classes: rx.Var[list[str]]


def share_button(text: Text, *, title: Text, copied: Text, failed: Text) -> rx.Component:
    """Return the button. `failed` has a gap `{url}`, for browsers that refuse to copy."""
    return ShareButton.create(
        icon("share-2"),
        rx.el.span(text),
        title=title,
        copied=copied,
        failed=failed,
        classes=["flex flex-wrap items-center gap-x-3", "text-sm text-(--good) empty:hidden"],
        class_name=button_class("quiet"),
        data_testid="share",
    )
