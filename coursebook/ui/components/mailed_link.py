"""The page of a link in a mail that gives something to whoever opens it signed in."""

from typing import Any

import reflex as rx

from coursebook.identity.shell import token_button
from coursebook.ui import i18n, kit
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.page_states import error_state, lines, loading, signed_in_only
from coursebook.ui.kit.types import Handler, Text
from coursebook.ui.states.session import SessionState


def mailed_link(state: Any, text: Text, *faces: tuple[str, rx.Component]) -> rx.Component:
    """Return what stands on the page, by `state.view_state`; `text` asks to sign in."""
    waiting = loading(lines(4))
    broken = error_state(i18n.PAGE_ERROR_TITLE, state.error, state.again_clicked, is_page=True)
    return signed_in_only(
        rx.match(state.view_state, *faces, ("error", broken), waiting),
        on_arrival=state.viewer_arrived,
        shown_for=state.shown_for,
        skeleton=waiting,
        text=text,
        needs_script=i18n.SCRIPT_SIGN_IN,
        is_page=True,
    )


def link_offer(
    title: Text,
    lead: Text,
    *figures: tuple[Text, Text | rx.Component],
    notice: rx.Var[Any],
    press: Text,
    on_press: Handler,
    data_testid: str,
) -> rx.Component:
    """Return what the link gives, to whom, and the button that takes it."""
    return kit.stack(
        kit.page_title(title),
        kit.lead(lead),
        kit.figures(*figures, (i18n.SIGNED_IN_AS, SessionState.display_name)),
        linked_notice(notice),
        kit.inline(
            token_button(
                press,
                on_press=on_press,
                class_name=kit.button_class("primary"),
                data_testid=data_testid,
            )
        ),
        gap="lg",
    )


def dead_link(title: Text, error: Text, way_on: rx.Component) -> rx.Component:
    """Return what is shown for a link that is used, over or forged."""
    return kit.empty_state("circle-alert", title, error, way_on, is_page=True)
