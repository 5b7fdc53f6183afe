"""A text that is replaced by another after some seconds."""

import reflex as rx

from coursebook.ui.kit.types import Text

_FILE = rx.asset("timed_text.jsx", shared=True)


class TextOverTime(rx.Component):
    """Shows `first`, and after some seconds `later`. The browser counts them."""

    library = _FILE.importable_path
    tag = "TextOverTime"

    first: rx.Var[str]
    later: rx.Var[str]
    seconds: rx.Var[int]


def text_over_time(first: Text, later: Text, seconds: int) -> rx.Component:
    """Return a text that changes when something takes longer than expected."""
    return TextOverTime.create(first=first, later=later, seconds=seconds)
