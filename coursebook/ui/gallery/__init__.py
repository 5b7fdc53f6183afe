"""`/kit`: every function of the kit in every state, for people who extend the pages.

Only `coursebook run --reload` has this page; a built product does not. A new function of the kit
gets a sample here, in the file of its kind; a test names those that are missing.
"""

import os
from collections.abc import Callable

import reflex as rx

from coursebook.ui import kit, layout
from coursebook.ui.gallery import (
    actions,
    bookings,
    console,
    fields,
    filters,
    forms,
    frame,
    lists,
    messages,
    surfaces,
    text,
)
from coursebook.ui.page import Page
from coursebook.ui.reflex_compat.environment import RELOADING

RELOAD_SCRIPT = "/dev/reload.js"
"""Reloads open tabs when the product has started again (`coursebook/run/open_tabs.py`)."""

Samples = dict[str, Callable[[], rx.Component]]
GROUPS: dict[str, Samples] = {
    "Type": text.SAMPLES,
    "Things to press": actions.SAMPLES,
    "Things to fill in": fields.SAMPLES,
    "Filters": filters.SAMPLES,
    "Surfaces": surfaces.SAMPLES,
    "Lists": lists.SAMPLES,
    "Courses and bookings": bookings.SAMPLES,
    "Messages": messages.SAMPLES,
    "Frame": frame.SAMPLES,
    "Forms of the console": forms.SAMPLES,
    "The console": console.SAMPLES,
}


def gallery() -> rx.Component:
    """Return the page."""
    return layout.page(
        kit.stack(
            kit.stack(
                kit.page_title("The kit"),
                kit.lead("Every part that pages are made of, in every state it can have."),
                rx.el.p(kit.outside_link("The mails, in every state", href="/kit/mails")),
            ),
            *[_group(name, samples) for name, samples in GROUPS.items()],
            gap="2xl",
        )
    )


def _group(name: str, samples: Samples) -> rx.Component:
    parts = [kit.stack(kit.eyebrow(names), sample()) for names, sample in samples.items()]
    return kit.stack(kit.section_title(name), kit.rule(), *parts, gap="xl")


PAGE = Page(
    route="/kit",
    build=gallery,
    title="The kit",
    description="Every part of the pages.",
    is_public=False,
)


def is_reloading() -> bool:
    """Tell whether the pages are compiled for development, by `coursebook run --reload`."""
    return os.environ.get(RELOADING) == "1"


def pages() -> tuple[Page, ...]:
    """Return the page when the pages are compiled for development, else nothing."""
    return (PAGE,) if is_reloading() else ()


def head() -> list[rx.Component]:
    """Return what the head of every page has in addition while pages are developed."""
    return [rx.el.script(src=RELOAD_SCRIPT, defer=True)] if is_reloading() else []
