"""`/invitation`: the page of the link in the mail that invites somebody to the team."""

import reflex as rx

from coursebook.identity.shell import token_button
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.page_states import error_state, lines, loading, signed_in_only
from coursebook.ui.i18n.page_texts import MANAGE_HOME, manage_catalogue_element
from coursebook.ui.page import Page
from coursebook.ui.states.invitation import PATH, InvitationState
from coursebook.ui.states.session import SessionState


def invitation() -> rx.Component:
    """Return the page, or its sign-in state."""
    words, state = i18n.manage, InvitationState
    waiting = loading(lines(4))
    broken = error_state(i18n.PAGE_ERROR_TITLE, state.error, state.again_clicked, is_page=True)
    faces = rx.match(
        state.view_state,
        ("content", _offer()),
        (
            "accepted",
            kit.empty_state(
                "circle-check",
                words.INVITATION_ACCEPTED,
                words.INVITATION_ACCEPTED_TEXT,
                kit.link_button(words.INVITATION_GO, MANAGE_HOME),
                is_page=True,
            ),
        ),
        ("dead", _dead()),
        ("error", broken),
        waiting,
    )
    return layout.page(
        manage_catalogue_element(),
        signed_in_only(
            faces,
            on_arrival=state.viewer_arrived,
            shown_for=state.shown_for,
            skeleton=waiting,
            text=words.INVITATION_SIGN_IN,
            needs_script=i18n.SCRIPT_SIGN_IN,
            is_page=True,
        ),
        width="text",
    )


def _offer() -> rx.Component:
    words, offer = i18n.manage, InvitationState.invitation
    return kit.stack(
        kit.page_title(offer.heading),
        kit.lead(offer.does),
        kit.figures(
            (words.TEAM_ROLE, offer.role),
            (words.TEAM_COURSES, offer.courses),
            (words.INVITATION_UNTIL, offer.until),
            (i18n.SIGNED_IN_AS, SessionState.display_name),
        ),
        linked_notice(InvitationState.notice),
        kit.inline(
            token_button(
                words.INVITATION_ACCEPT,
                on_press=InvitationState.accept_clicked,
                class_name=kit.button_class("primary"),
                data_testid="accept",
            )
        ),
        gap="lg",
    )


def _dead() -> rx.Component:
    words = i18n.manage
    return kit.empty_state(
        "circle-alert",
        words.INVITATION_DEAD,
        InvitationState.error,
        rx.cond(
            SessionState.areas.length() > 0,
            kit.link_button(words.INVITATION_GO, MANAGE_HOME, look="secondary"),
        ),
        is_page=True,
    )


PAGE = Page(
    route=PATH,
    build=invitation,
    title=i18n.manage.INVITATION_TITLE,
    state=InvitationState,
    is_public=False,
)
