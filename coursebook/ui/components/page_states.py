"""Faces that several pages share: what stands there on an error, or while nobody is known."""

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.components.sign_in_way import sign_in_from_here
from coursebook.ui.kit.types import Handler, Text
from coursebook.ui.states.session import SessionState


def error_state(
    title: Text, sentence: rx.Var[str], on_again: Handler, *, is_page: bool = False
) -> rx.Component:
    """Return the face of a page that could not load: one sentence, and a new try.

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
    """Return the face of a page that is only for people who are signed in."""
    return kit.empty_state(
        "log-in",
        i18n.SIGN_IN_NEEDED_TITLE,
        text,
        kit.link_button(i18n.NAV_SIGN_IN, sign_in_from_here()),
        is_page=is_page,
    )


def loading(*bones: rx.Component) -> rx.Component:
    """Return the face of a page while it loads: grey shapes, and a word for screen readers."""
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
    """Return `content` for a person who is known, and the way to sign in for anybody else.

    `on_arrival` fires for every new person, because the key makes it another element. Until it
    has loaded for them (`shown_for`), they do not see what was loaded for the one before. Without
    JavaScript nobody is ever known, and `needs_script` says so.
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
    """Return grey lines of text."""
    shapes = ("line", "long", "short")
    return kit.stack(*[kit.skeleton(shapes[i % 3]) for i in range(count)])
