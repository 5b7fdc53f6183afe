"""Moves the focus: to the heading of a new page, or to the result of an action."""

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.actions import TEXT_LINK
from coursebook.ui.kit.types import Handler

_FILE = browser_file(__name__, "focus.jsx")


class RouteFocus(rx.Component):
    """Focuses the heading of a new page and announces the page's title.

    Mounted once, beside all pages: a live region must exist before its text changes.
    """

    library = _FILE
    tag = "RouteFocus"


class FocusOn(rx.Component):
    """Focuses the element with the id `target` whenever `stamp` changes.

    With `is_open` it does so too when it is rendered.
    """

    library = _FILE
    tag = "FocusOn"

    target: rx.Var[str]
    stamp: rx.Var[int]
    is_open: rx.Var[bool]


class LinkToList(rx.Component):
    """A link to a list with the filters of the last visit."""

    library = _FILE
    tag = "LinkToList"

    to: rx.Var[str]


class OnThisPage(rx.Component):
    """Shows its children on one page only, and fires `on_left` when the visitor leaves it."""

    library = _FILE
    tag = "OnThisPage"

    on_left: rx.EventHandler[rx.event.no_args_event_spec]


def on_this_page(*children: rx.Component, on_left: Handler) -> rx.Component:
    """Return children that are shown on the current page only."""
    return OnThisPage.create(*children, on_left=on_left)


def link_to_list(*children: object, href: str) -> rx.Component:
    """Return a link to the list with the filters of the last visit, or to `href`."""
    return LinkToList.create(*children, to=href, class_name=TEXT_LINK)


def route_focus() -> rx.Component:
    """Return the component that moves the focus after a navigation."""
    return RouteFocus.create(class_name="sr-only", data_testid="page-title-announcement")


def focus_target(*children: rx.Component, **props: object) -> rx.Component:
    """Return children that `focus_on` can focus, such as the notice of an action.

    It takes no space while it is empty, nor while it only has an empty live region.
    """
    look = "rounded-xl empty:hidden has-[>[role=status]:only-child:empty]:absolute"
    return rx.el.div(*children, tab_index=-1, class_name=look, **props)


def focus_on(
    target: rx.Var[str], stamp: rx.Var[int], *, is_open: rx.Var[bool] | bool = False
) -> rx.Component:
    """Return the invisible component that moves the focus once its target is rendered.

    `is_open`: a page may open with the target already there, and the focus belongs to it.
    """
    return FocusOn.create(target=target, stamp=stamp, is_open=is_open)
