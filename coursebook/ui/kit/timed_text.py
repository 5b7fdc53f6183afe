"""A text that is replaced by another after some seconds."""

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.types import Text

_FILE = browser_file(__name__, "timed_text.jsx")


class TextOverTime(rx.Component):
    """Shows `first`, and after some seconds `later`. The browser counts them."""

    library = _FILE
    tag = "TextOverTime"

    first: rx.Var[str]
    later: rx.Var[str]
    seconds: rx.Var[int]


def text_over_time(first: Text, later: Text, seconds: int) -> rx.Component:
    """Return a text that changes when something takes longer than expected."""
    return TextOverTime.create(first=first, later=later, seconds=seconds)
