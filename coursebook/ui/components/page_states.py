"""View states that several pages share: error, loading, sign-in required."""

from typing import Any

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.components.sign_in_way import sign_in_from_here
from coursebook.ui.kit.types import Handler, Text
from coursebook.ui.states.session import SessionState


def error_state(
    title: Text, sentence: rx.Var[str], on_again: Handler, *, is_page: bool = False
) -> rx.Component:
    """Return the error state of a page: one sentence, and a button to retry.

    `is_page`: its title is the main heading of the page.
    """
    return kit.empty_state(
        "cloud-off",
        title,
        sentence,
        kit.button(i18n.TRY_AGAIN, on_click=on_again, look="primary"),
        is_page=is_page,
        role="alert",
    )


def sign_in_state(text: Text, *, is_page: bool) -> rx.Component:
    """Return the sign-in state of a page that requires a signed-in person."""
    return kit.empty_state(
        "log-in",
        i18n.SIGN_IN_NEEDED_TITLE,
        text,
        kit.link_button(i18n.NAV_SIGN_IN, sign_in_from_here()),
        is_page=is_page,
    )


def loading(*bones: rx.Component) -> rx.Component:
    """Return the loading state of a page: skeletons, and a text for screen readers."""
    return rx.el.div(
        kit.visually_hidden(i18n.LOADING), *bones, aria_busy="true", data_loading="true"
    )


def signed_in_only(
    content: rx.Component,
    *,
    on_arrival: Handler,
    shown_for: rx.Var[str],
    skeleton: rx.Component,
    text: Text,
    needs_script: Text,
    is_page: bool = False,
) -> rx.Component:
    """Return `content` for a signed-in person, and the sign-in state for any other visitor.

    `on_arrival` fires for every new person, because the key remounts the element. Until the page
    has loaded for them (`shown_for`), they do not see the data of the person before. Without
    JavaScript no one can be signed in, and `needs_script` says so.
    """
    is_theirs = shown_for == SessionState.viewer
    whoever = rx.cond(
        SessionState.is_signed_in,
        rx.el.div(
            rx.cond(is_theirs, content, skeleton), key=SessionState.viewer, on_mount=on_arrival
        ),
        rx.cond(SessionState.is_known, sign_in_state(text, is_page=is_page), skeleton),
    )
    return rx.fragment(kit.needs_script(needs_script), kit.with_script(whoever))


def lines(count: int) -> rx.Component:
    """Return skeletons of lines of text."""
    shapes = ("line", "long", "short")
    return kit.stack(*[kit.skeleton(shapes[i % 3]) for i in range(count)])


def in_view_state(
    state: Any, content: rx.Component, *, missing: rx.Component | None = None
) -> rx.Component:
    """Return the content of a page in the view state of its `PageState`.

    `missing` is shown for an address that shows nothing, instead of the usual sentence.
    """
    return rx.match(
        state.view_state,
        ("content", content),
        ("missing", missing or missing_state()),
        (
            "error",
            error_state(i18n.PAGE_ERROR_TITLE, state.error, state.again_clicked, is_page=True),
        ),
        loading(lines(6)),
    )


def missing_state() -> rx.Component:
    """Return the state of a page whose address shows nothing."""
    return kit.empty_state(
        "search-x",
        i18n.NOT_FOUND_TITLE,
        i18n.NOT_FOUND_TEXT,
        kit.link_button(i18n.TO_COURSES, "/courses"),
        is_page=True,
        data_testid="not-found",
    )
