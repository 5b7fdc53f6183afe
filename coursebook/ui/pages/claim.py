"""`/claim/{code}`: the page of the link that adds a guest's bookings to an account."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.mailed_link import dead_link, link_offer, mailed_link
from coursebook.ui.i18n.page_texts import manage_catalogue_element
from coursebook.ui.page import Page
from coursebook.ui.presenters.claimed_courses import ClaimedCourseRow
from coursebook.ui.states.claim import PATH, ClaimState
from coursebook.ui.states.session import SessionState


def claim() -> rx.Component:
    """Return the page, or its sign-in state."""
    words, state = i18n.manage, ClaimState
    courses = rx.foreach(state.courses, _course)
    offer = link_offer(
        words.CLAIM_TITLE,
        state.text,
        (words.CLAIM_COURSES, courses),
        notice=state.notice,
        press=words.CLAIM_ADD,
        on_press=state.add_clicked,
        data_testid="claim",
    )
    way_on = kit.link_button(words.CLAIM_GO, "/bookings", look="secondary")
    dead = dead_link(words.CLAIM_DEAD, state.error, way_on)
    faces = mailed_link(state, words.CLAIM_SIGN_IN, ("content", offer), ("dead", dead))
    return layout.page(manage_catalogue_element(), faces, width="text")


def _course(course: rx.Var[ClaimedCourseRow]) -> rx.Component:
    title = rx.el.span(course.title, lang=SessionState.courses_language, dir="auto")
    return kit.stack(
        kit.body(title),
        kit.small(course.when),
        gap="xs",
        key=course.title.to(str) + course.when.to(str),
    )


PAGE = Page(
    route=f"{PATH}[code]",
    build=claim,
    title=i18n.manage.CLAIM_TITLE,
    state=ClaimState,
    is_public=False,
)
