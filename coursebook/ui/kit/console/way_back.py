"""The way back in the console: where the focus goes, and a step back after an act."""

import reflex as rx

from coursebook.browser_files import browser_file

_FILE = browser_file(__name__, "way_back.jsx")


class WayBack(rx.Component):
    """After Back, returns the focus to the link or the menu by which the person had left."""

    library = _FILE
    tag = "WayBack"


class BackTo(rx.Component):
    """Goes back whenever `stamp` changes, if the page before is `path`."""

    library = _FILE
    tag = "BackTo"

    path: rx.Var[str]
    stamp: rx.Var[int]


def way_back() -> rx.Component:
    """Return the invisible component that returns the focus after Back."""
    return WayBack.create()


def back_to(path: rx.Var[str], stamp: rx.Var[int]) -> rx.Component:
    """Return the invisible component that goes back to the page that the visitor came from.

    It does nothing if the page before is not `path`.
    """
    return BackTo.create(path=path, stamp=stamp)
