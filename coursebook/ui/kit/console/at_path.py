"""What a page of the console shows only at the address that it was read for."""

import reflex as rx

from coursebook.browser_files import browser_file


class AtPath(rx.Component):
    """Shows its children while the browser is at `path`, or (`is_elsewhere`) while it is not."""

    library = browser_file(__name__, "at_path.jsx")
    tag = "AtPath"

    path: rx.Var[str]
    is_elsewhere: rx.Var[bool]


def at_path(path: rx.Var[str], content: rx.Component, waiting: rx.Component) -> rx.Component:
    """Return `content` at the address `path`, and `waiting` at any other.

    The browser decides: for a moment after a step the server still has the address before it, and
    may have read that for the new page.
    """
    return rx.fragment(
        AtPath.create(content, path=path, is_elsewhere=False),
        AtPath.create(waiting, path=path, is_elsewhere=True),
    )
