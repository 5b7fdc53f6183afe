"""The frame of every page, and the components that wrap the whole application."""

from typing import Any

import reflex as rx

from coursebook.identity.shell import identity_shell, sign_out_button
from coursebook.ui import connection_status, current_page, early_events, i18n, kit
from coursebook.ui.components.manage_frame import manage_faces, manage_navigation
from coursebook.ui.components.sign_in_way import sign_in_from_here
from coursebook.ui.i18n.page_texts import MANAGE_HOME, catalogue_element, manage_catalogue_element
from coursebook.ui.kit.types import Text
from coursebook.ui.page import Page
from coursebook.ui.states.session import SessionState

TARGET, END = "content", "end"
AWAY = {"down": i18n.OFFLINE, "waiting": i18n.OFFLINE_WAITS, "plain": i18n.OFFLINE_PLAIN}
PRESSED = {"lost": i18n.PRESS_LOST, "gave_up": i18n.PRESS_GIVEN_UP}
"""The texts for each state of the connection (`ui/connection_status`)."""
LINKS = ((i18n.IMPRINT, i18n.IMPRINT_URL), (i18n.PRIVACY, i18n.PRIVACY_URL))
"""The links of the footer; a school without such a page shows none."""

navigation: list[Page] = []
"""The pages of the navigation, in order; `ui/pages` fills it before any page is built."""
pages: list[Page] = []
"""All pages; `ui/pages` fills it too. The console links to those that exist."""


def head() -> list[rx.Component]:
    """Return the head of every page: its texts, icons, a font preload and the early events."""
    return [
        early_events.recorder(),
        catalogue_element(),
        # Block the first paint until the footer is parsed, so that nothing shifts while the page
        # streams in (html.spec.whatwg.org, rel="expect"; other browsers ignore it).
        rx.el.link(rel="expect", href=f"#{END}", custom_attrs={"blocking": "render"}),
        rx.cond(i18n.STYLE_URL != "", rx.el.link(rel="stylesheet", href=i18n.STYLE_URL)),
        rx.el.link(rel="icon", href="/favicon.ico", sizes="32x32"),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.link(
            rel="preload",
            href=i18n.FONT_URL,
            custom_attrs={"as": "font"},
            type="font/woff2",
            cross_origin="anonymous",
        ),
    ]


def page(*children: rx.Component, width: str = "page") -> rx.Component:
    """Return a whole page around its main part."""
    return kit.page_frame(
        kit.skip_link(i18n.SKIP, TARGET),
        kit.header(kit.logo(i18n.BRAND, i18n.LOGO_URL), _navigation(), _account()),
        kit.main(kit.column(*children, width=width), target=TARGET),
        kit.footer(
            kit.small(i18n.FOOTER_NOTE),
            kit.small(rx.cond(i18n.FOOTER_LINE != "", i18n.FOOTER_LINE, i18n.FOOTER_SOURCE)),
            *[_footer_link(text, address) for text, address in LINKS],
            kit.language_switch(i18n.LANGUAGE_LABEL, i18n.LANGUAGE_CHOICES, i18n.LANGUAGE),
            id=END,
        ),
    )


def manage_page(
    area: str, state: Any, *children: rx.Component, skeleton: rx.Component | None = None
) -> rx.Component:
    """Return a whole page of the console around its content.

    `area` is its part of the navigation (`presenters/manage/areas.py`), `state` its `ManageState`.
    Only somebody with a right sees the content, and `skeleton` until it has loaded. A student sees
    the page of an unknown address, nobody the way to sign in. The page carries the texts of the
    console; it has no footer.
    """
    has_areas = SessionState.areas.length() > 0
    return kit.page_frame(
        manage_catalogue_element(),
        kit.way_back(),
        kit.skip_link(i18n.SKIP, TARGET),
        kit.console_header(kit.logo(i18n.BRAND, i18n.LOGO_URL), _navigation(), _account()),
        kit.console_body(
            manage_navigation(area, {page.route for page in pages}, state.inbox_count),
            manage_faces(state, *children, skeleton=skeleton),
            target=TARGET,
            is_wide=has_areas | ~SessionState.is_known,
        ),
        rx.el.div(id=END),
    )


def bare_page(content: rx.Component) -> rx.Component:
    """Return a page of the console without its frame, for a phone in somebody's hand."""
    return kit.page_frame(manage_catalogue_element(), content, rx.el.div(id=END))


def _navigation() -> rx.Component:
    links = [kit.nav_link(one.nav, one.route) for one in navigation if one.nav is not None]
    if any(page.route == MANAGE_HOME for page in pages):
        manage = kit.nav_link(i18n.NAV_MANAGE, MANAGE_HOME)
        links.append(rx.cond(SessionState.areas.length() > 0, manage))
    return kit.nav_list(i18n.NAV_LABEL, *links)


def _footer_link(text: Text, address: Text) -> rx.Component:
    return rx.cond(address != "", kit.footer_link(text, address))


def _account() -> rx.Component:
    signed_in = rx.fragment(
        kit.account_name(kit.visually_hidden(i18n.SIGNED_IN_AS, " "), SessionState.display_name),
        sign_out_button(
            i18n.NAV_SIGN_OUT,
            on_signed_out=SessionState.signed_out,
            on_problem=SessionState.sign_out_failed,
            class_name=kit.button_class("quiet"),
            data_testid="sign-out",
        ),
    )
    signed_out = kit.link_button(i18n.NAV_SIGN_IN, sign_in_from_here(), look="secondary")
    return rx.cond(SessionState.is_signed_in, signed_in, rx.cond(SessionState.is_known, signed_out))


def identity_wrap(_is_stateful: bool) -> rx.Component:
    """Return the component that keeps the session alive; mounted once beside all pages."""
    return identity_shell(is_known=SessionState.is_known, on_token=SessionState.token_received)


def early_events_wrap(_is_stateful: bool) -> rx.Component:
    """Return the component that replays the clicks and input from before hydration."""
    return early_events.replay()


def page_loader_wrap(_is_stateful: bool) -> rx.Component:
    """Return the component that loads the code of other pages."""
    return current_page.page_loader()


def messages_wrap(_is_stateful: bool) -> rx.Component:
    """Return the messages above every page: the connection, and errors of the session.

    A fragment, because Reflex puts the wrapped components inside of it.
    """
    return rx.fragment(
        kit.route_focus(),
        kit.floating(
            *_of_the_line(),
            rx.cond(
                SessionState.session_notice.text != "",
                kit.on_this_page(_session_notice(), on_left=SessionState.notice_closed),
            ),
            role="status",
            aria_live="polite",
        ),
    )


def _of_the_line() -> list[rx.Component]:
    """Return the messages about the connection, and about clicks while there was none."""
    texts = [
        *[
            connection_status.shown_while(
                kit.toast(kit.notice(text, "info"), data_testid="offline"), state=state
            )
            for state, text in AWAY.items()
        ],
        *[
            connection_status.shown_while(
                _about_a_press(kit.notice(text, "bad", _dismiss())), state=state
            )
            for state, text in PRESSED.items()
        ],
    ]
    refused = kit.notice(connection_status.click_error(), "bad", _dismiss())
    return [*texts, connection_status.shown_while(_about_a_press(refused), state="problem")]


def connection_in_dialog() -> rx.Component:
    """Return the messages about the connection inside a dialog: the page behind it is inert."""
    messages = [(AWAY, "info"), (PRESSED, "bad")]
    return kit.live_region(
        *[
            connection_status.shown_while(kit.notice(text, tone), state=state)
            for texts, tone in messages
            for state, text in texts.items()
        ],
        data_testid="connection-in-dialog",
    )


def _about_a_press(notice: rx.Component) -> rx.Component:
    return kit.toast(notice, data_testid="press-notice")


def _dismiss() -> rx.Component:
    return connection_status.dismiss_message(i18n.DISMISS, class_name=kit.button_class("quiet"))


def _session_notice() -> rx.Component:
    notice = SessionState.session_notice
    return kit.toast(
        kit.notice(
            notice.text,
            notice.tone,
            kit.button(
                i18n.DISMISS, look="quiet", on_click=SessionState.notice_closed, type="button"
            ),
        ),
        data_testid="session-notice",
    )
