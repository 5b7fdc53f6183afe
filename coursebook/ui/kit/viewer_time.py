"""A time in the reader's time zone, which only the browser knows."""

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.types import Text

_FILE = browser_file(__name__, "viewer_time.jsx")


class ViewerTime(rx.Component):
    """Shows `template` with the time in the reader's zone in its gap `{when}`.

    Shows nothing if it is the same time as in `zone`. `starts` and `ends` are RFC 3339.
    """

    library = _FILE
    tag = "ViewerTime"

    starts: rx.Var[str]
    ends: rx.Var[str]
    zone: rx.Var[str]
    template: rx.Var[str]


def viewer_time(
    starts: rx.Var[str],
    ends: rx.Var[str],
    zone: rx.Var[str],
    template: Text,
    *,
    keeps_room: bool = True,
) -> rx.Component:
    """Return a line that reserves its space, so that nothing shifts when the browser fills it.

    A page that the server never renders does not need that (`keeps_room=False`).
    """
    return ViewerTime.create(
        starts=starts,
        ends=ends,
        zone=zone,
        template=template,
        class_name="block min-h-6 text-(--accent) max-[359px]:min-h-12"
        if keeps_room
        else "block text-(--accent) empty:hidden",
        data_testid="viewer-time",
    )
