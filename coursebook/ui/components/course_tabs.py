"""The tabs of the pages of one course."""

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.kit.types import Text
from coursebook.ui.presenters.manage.areas import PATHS
from coursebook.ui.presenters.manage.course_tabs import TABS

COURSES = "/manage/courses"


def course_tabs(current: str, course_id: Text, tabs: rx.Var[dict[str, str]]) -> rx.Component:
    """Return the tabs, with `current` as the page that is open.

    `tabs` are those of the reader, each with its count.
    """
    words = i18n.manage
    return kit.tabs(
        words.COURSE_TABS,
        *[
            rx.cond(
                tabs.contains(name),
                kit.tab_link(
                    words.COURSE_TAB[name],
                    _href(name, course_id),
                    is_current=name == current,
                    count=tabs[name],
                ),
            )
            for name in TABS
        ],
    )


def _href(name: str, course_id: Text) -> rx.Var[str]:
    """Return the address of a page. Messages have a list of their own, narrowed to the course."""
    if name == "messages":
        return rx.Var.create(f"{PATHS[name]}?course=") + course_id
    return rx.Var.create(f"{COURSES}/") + course_id + f"/{name}"
