"""`/invitation`: the page of the link in the mail that invites somebody to the team."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.mailed_link import dead_link, link_offer, mailed_link
from coursebook.ui.i18n.page_texts import MANAGE_HOME, manage_catalogue_element
from coursebook.ui.page import Page
from coursebook.ui.states.manage.membership.invitation import PATH, InvitationState
from coursebook.ui.states.session import SessionState


def invitation() -> rx.Component:
    """Return the page, or its sign-in state."""
    words, state = i18n.manage, InvitationState
    accepted = kit.empty_state(
        "circle-check",
        words.INVITATION_ACCEPTED,
        words.INVITATION_ACCEPTED_TEXT,
        kit.link_button(words.INVITATION_GO, MANAGE_HOME),
        is_page=True,
    )
    way_on = rx.cond(
        SessionState.areas.length() > 0,
        kit.link_button(words.INVITATION_GO, MANAGE_HOME, look="secondary"),
    )
    faces = mailed_link(
        state,
        words.INVITATION_SIGN_IN,
        ("content", _offer()),
        ("accepted", accepted),
        ("dead", dead_link(words.INVITATION_DEAD, state.error, way_on)),
    )
    return layout.page(manage_catalogue_element(), faces, width="text")


def _offer() -> rx.Component:
    words, offer = i18n.manage, InvitationState.invitation
    return link_offer(
        offer.heading,
        offer.does,
        (words.TEAM_ROLE, offer.role),
        (words.TEAM_COURSES, offer.courses),
        (words.INVITATION_UNTIL, offer.until),
        notice=InvitationState.notice,
        press=words.INVITATION_ACCEPT,
        on_press=InvitationState.accept_clicked,
        data_testid="accept",
    )


PAGE = Page(
    route=PATH,
    build=invitation,
    title=i18n.manage.INVITATION_TITLE,
    state=InvitationState,
    is_public=False,
)
