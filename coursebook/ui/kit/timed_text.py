"""A text that is only true for a while, and what stands there afterwards."""

import reflex as rx

from coursebook.ui.kit.types import Text

_FILE = rx.asset("timed_text.jsx", shared=True)


class TextOverTime(rx.Component):
    """Says `first`, and after so many seconds `later`. The browser counts them."""

    library = _FILE.importable_path
    tag = "TextOverTime"

    first: rx.Var[str]
    later: rx.Var[str]
    seconds: rx.Var[int]


def text_over_time(first: Text, later: Text, seconds: int) -> rx.Component:
    """Return a text that changes by itself when something takes longer than it should."""
    return TextOverTime.create(first=first, later=later, seconds=seconds)
