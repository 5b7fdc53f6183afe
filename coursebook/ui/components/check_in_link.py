"""The link to the page at the door."""

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.kit.types import Text


def check_in_link(href: Text, title: Text, *, look: str = "primary") -> rx.Component:
    """Return "Check in" for a meeting of the course `title`.

    The browser loads the page as a whole, since it alone may use the camera (`Page.uses_camera`).
    """
    return kit.link_button(
        rx.fragment(i18n.manage.CHECK_IN, kit.visually_hidden(": ", title)),
        href,
        look=look,
        data_testid="check-in",
    )
