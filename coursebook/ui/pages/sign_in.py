"""`/sign-in`: signing in, then the redirect back."""

import reflex as rx

from coursebook.identity.provider import is_clerk
from coursebook.identity.shell import sign_in_panel
from coursebook.ui import i18n, kit, layout
from coursebook.ui.kit.types import Text
from coursebook.ui.page import Page
from coursebook.ui.states.session import SessionState


def sign_in() -> rx.Component:
    """Return the sign-in page."""
    return layout.page(
        kit.stack(
            kit.stack(kit.page_title(i18n.SIGN_IN_TITLE), kit.lead(_lead())),
            # With Clerk, a person who is already signed in is redirected at once.
            *([] if is_clerk() else [rx.cond(SessionState.is_signed_in, _already())]),
            kit.needs_script(i18n.SCRIPT_SIGN_IN),
            kit.with_script(
                sign_in_panel(
                    on_signed_in=SessionState.signed_in,
                    words=rx.Var.create(i18n.SIGN_IN_PANEL),
                    class_name=kit.sign_in_classes("whole"),
                    button_class=kit.button_class("person"),
                    notice_class=kit.sign_in_classes("notice"),
                    error_class=kit.sign_in_classes("error"),
                    id="sign-in-panel",
                )
            ),
            *([] if is_clerk() else [kit.small(i18n.SIGN_IN_RETURN)]),
            gap="lg",
        ),
        width="text",
    )


def _lead() -> Text:
    return i18n.SIGN_IN_RETURN if is_clerk() else i18n.SIGN_IN_TEXT


def _already() -> rx.Component:
    return kit.notice(
        i18n.SIGN_IN_ALREADY,
        "info",
        rx.el.p(SessionState.display_name),
        rx.el.p(kit.text_link(i18n.TO_COURSES, href="/courses")),
    )


PAGE = Page(
    route="/sign-in",
    build=sign_in,
    title=i18n.SIGN_IN_TITLE,
    description=_lead(),
    on_load=SessionState.sign_in_opened,
    is_public=False,
)
