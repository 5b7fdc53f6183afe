"""The frame of the console: its navigation, and what a page shows to whom."""

from collections.abc import Collection
from typing import Any

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.components.page_states import (
    error_state,
    lines,
    loading,
    missing_state,
    signed_in_only,
)
from coursebook.ui.kit.types import Text
from coursebook.ui.presenters.manage.areas import PATHS
from coursebook.ui.states.session import SessionState

APART = "team"
"""The first entry of the navigation that is not about daily work."""


def manage_navigation(area: str, routes: Collection[str], inbox_count: Text) -> rx.Component:
    """Return the navigation with `area` as the current entry.

    An entry appears for a page that exists, to a person who may open it. `inbox_count` stands
    beside "Money".
    """
    entries = [
        rx.cond(
            SessionState.areas.contains(name),
            kit.side_link(
                i18n.manage.AREA[name],
                path,
                is_current=name == area,
                is_apart=name == APART,
                count=inbox_count if name == "money" else "",
            ),
        )
        for name, path in PATHS.items()
        if path in routes
    ]
    return kit.side_nav(i18n.manage.NAV_AREAS, *entries)


def manage_faces(
    state: Any, *children: rx.Component, skeleton: rx.Component | None = None
) -> rx.Component:
    """Return the content of a page in the view state of its `ManageState`, for its viewer only."""
    waiting = loading(skeleton or lines(6))
    error = error_state(i18n.PAGE_ERROR_TITLE, state.error, state.again_clicked, is_page=True)
    faces = rx.match(
        state.view_state,
        ("content", rx.fragment(*children)),
        ("missing", missing_state()),
        ("error", error),
        waiting,
    )
    is_current = state.shown_path == rx.State.router.url.path.to(str)
    return signed_in_only(
        rx.cond(is_current, kit.at_path(state.shown_path, faces, waiting), waiting),
        on_arrival=state.viewer_arrived,
        shown_for=state.shown_for,
        skeleton=waiting,
        text=i18n.manage.STAFF_SIGN_IN_TEXT,
        needs_script=i18n.SCRIPT_SIGN_IN,
        is_page=True,
    )


def manage_title(state: Any, text: Text) -> rx.Var[str]:
    """Return the title of a page of the console; that of an unknown address where it is one."""
    is_missing = SessionState.is_signed_in & (state.view_state == "missing")
    return rx.cond(is_missing, i18n.NOT_FOUND_TITLE, text)
