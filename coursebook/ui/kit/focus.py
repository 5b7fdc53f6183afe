"""Where the focus goes: to the heading of a new page, to what came of an act, never to nowhere."""

import reflex as rx

from coursebook.ui.kit.actions import TEXT_LINK
from coursebook.ui.kit.types import Handler

_FILE = rx.asset("focus.jsx", shared=True)


class RouteFocus(rx.Component):
    """Gives the heading of a new page the focus and speaks the page's title.

    Mounted once, beside all pages: only what comes into a region that was there is spoken.
    """

    library = _FILE.importable_path
    tag = "RouteFocus"


class FocusOn(rx.Component):
    """Gives the element with the id `target` the focus whenever `stamp` is a new one."""

    library = _FILE.importable_path
    tag = "FocusOn"

    target: rx.Var[str]
    stamp: rx.Var[int]


class LinkToList(rx.Component):
    """A link to a list with the filters that it had when it was left."""

    library = _FILE.importable_path
    tag = "LinkToList"

    to: rx.Var[str]


class OnThisPage(rx.Component):
    """Shows its children on one page only, and fires `on_left` when that is left."""

    library = _FILE.importable_path
    tag = "OnThisPage"

    on_left: rx.EventHandler[rx.event.no_args_event_spec]


def on_this_page(*children: rx.Component, on_left: Handler) -> rx.Component:
    """Return what belongs to the page on which it appears, and is gone on the next one."""
    return OnThisPage.create(*children, on_left=on_left)


def link_to_list(*children: object, href: str) -> rx.Component:
    """Return a link that stands alone and leads to the list as it was left, or to `href`."""
    return LinkToList.create(*children, to=href, class_name=TEXT_LINK)


def route_focus() -> rx.Component:
    """Return the part that follows the address."""
    return RouteFocus.create(class_name="sr-only", data_testid="route-said")


def focus_on(target: rx.Var[str], stamp: rx.Var[int]) -> rx.Component:
    """Return the invisible part that moves the focus once what it goes to is drawn."""
    return FocusOn.create(target=target, stamp=stamp)
