"""`/claim/{code}`: the page of the link that adds a guest's bookings to an account."""

import reflex as rx

from coursebook.identity.shell import token_button
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.page_states import error_state, lines, loading, signed_in_only
from coursebook.ui.i18n.page_texts import manage_catalogue_element
from coursebook.ui.page import Page
from coursebook.ui.states.claim import PATH, ClaimState
from coursebook.ui.states.session import SessionState


def claim() -> rx.Component:
    """Return the page, or its sign-in state."""
    words, state = i18n.manage, ClaimState
    waiting = loading(lines(4))
    broken = error_state(i18n.PAGE_ERROR_TITLE, state.error, state.again_clicked, is_page=True)
    faces = rx.match(
        state.view_state, ("content", _offer()), ("dead", _dead()), ("error", broken), waiting
    )
    return layout.page(
        manage_catalogue_element(),
        signed_in_only(
            faces,
            on_arrival=state.viewer_arrived,
            shown_for=state.shown_for,
            skeleton=waiting,
            text=words.CLAIM_SIGN_IN,
            needs_script=i18n.SCRIPT_SIGN_IN,
            is_page=True,
        ),
        width="text",
    )


def _offer() -> rx.Component:
    words, state = i18n.manage, ClaimState
    courses = rx.foreach(
        state.courses,
        lambda title: kit.body(
            rx.el.span(title, lang=SessionState.courses_language, dir="auto"), key=title
        ),
    )
    return kit.stack(
        kit.page_title(words.CLAIM_TITLE),
        kit.lead(state.text),
        kit.figures(
            (words.CLAIM_COURSES, courses),
            (i18n.SIGNED_IN_AS, SessionState.display_name),
        ),
        linked_notice(state.notice),
        kit.inline(
            token_button(
                words.CLAIM_ADD,
                on_press=state.add_clicked,
                class_name=kit.button_class("primary"),
                data_testid="claim",
            )
        ),
        gap="lg",
    )


def _dead() -> rx.Component:
    words = i18n.manage
    return kit.empty_state(
        "circle-alert",
        words.CLAIM_DEAD,
        ClaimState.error,
        kit.link_button(words.CLAIM_GO, "/bookings", look="secondary"),
        is_page=True,
    )


PAGE = Page(
    route=f"{PATH}[code]",
    build=claim,
    title=i18n.manage.CLAIM_TITLE,
    state=ClaimState,
    is_public=False,
)
