"""Where the focus goes: to the heading of a new page, to what came of an act, never to nowhere."""

import reflex as rx

_FILE = rx.asset("route.jsx", shared=True)


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


def route_focus() -> rx.Component:
    """Return the part that follows the address."""
    return RouteFocus.create(class_name="sr-only", data_testid="route-said")


def focus_on(target: rx.Var[str], stamp: rx.Var[int]) -> rx.Component:
    """Return the invisible part that moves the focus once what it goes to is drawn."""
    return FocusOn.create(target=target, stamp=stamp)
