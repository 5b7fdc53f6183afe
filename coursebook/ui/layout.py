"""The frame of every page, and what the whole application is wrapped in."""

import reflex as rx

from coursebook.identity.shell import identity_shell, sign_out_button
from coursebook.ui import connection_status, current_page, early_events, i18n, kit
from coursebook.ui.components.sign_in_way import sign_in_from_here
from coursebook.ui.i18n.page_texts import catalogue_element
from coursebook.ui.states.session import SessionState

TARGET, END = "content", "end"
IMAGE = "/og.png"
AWAY = {"down": i18n.OFFLINE, "waiting": i18n.OFFLINE_WAITS, "plain": i18n.OFFLINE_PLAIN}
PRESSED = {"lost": i18n.PRESS_LOST, "gave_up": i18n.PRESS_GIVEN_UP}
"""What is said in each state of the line (`ui/line`)."""


def head() -> list[rx.Component]:
    """Return what every page has in its head: its texts, the icon, the font ahead of its use.

    And what keeps an early click.
    """
    return [
        early_events.recorder(),
        catalogue_element(),
        # Nothing is painted of half a page: what comes later would move what is there
        # (html.spec.whatwg.org, «expect»; browsers without it paint as ever).
        rx.el.link(rel="expect", href=f"#{END}", custom_attrs={"blocking": "render"}),
        rx.el.link(rel="icon", href="/favicon.ico", sizes="32x32"),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.link(
            rel="preload",
            href="/fonts/fraunces-600.woff2",
            custom_attrs={"as": "font"},
            type="font/woff2",
            cross_origin="anonymous",
        ),
    ]


def page(*children: rx.Component, width: str = "page") -> rx.Component:
    """Return a whole page around its main part."""
    return kit.whole(
        kit.skip_link(i18n.SKIP, TARGET),
        kit.header(kit.logo(i18n.BRAND), _navigation(), _account()),
        kit.main(kit.column(*children, width=width), target=TARGET),
        kit.footer(kit.small(i18n.FOOTER_NOTE), kit.small(i18n.FOOTER_SOURCE), id=END),
    )


def _navigation() -> rx.Component:
    return kit.nav_list(
        i18n.NAV_LABEL,
        kit.nav_link(i18n.NAV_COURSES, "/courses"),
        kit.nav_link(i18n.NAV_BOOKINGS, "/bookings"),
    )


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
    """Return the part that keeps the session alive; mounted once beside all pages."""
    return identity_shell(known=SessionState.is_known, on_token=SessionState.token_received)


def early_wrap(_is_stateful: bool) -> rx.Component:
    """Return the part that does what was clicked and typed before the page could."""
    return early_events.replay()


def place_wrap(_is_stateful: bool) -> rx.Component:
    """Return the part that knows of a page that is being left."""
    return current_page.whereabouts()


def messages_wrap(_is_stateful: bool) -> rx.Component:
    """Return the messages above every page: no connection, and what went wrong elsewhere.

    A fragment, because Reflex puts what is wrapped inside of what is returned here.
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
    """Return what is said of the connection, and of what was pressed while there was none."""
    texts = [
        *[
            connection_status.while_line(
                kit.toast(kit.notice(text, "info"), data_testid="offline"), state=state
            )
            for state, text in AWAY.items()
        ],
        *[
            connection_status.while_line(
                _about_a_press(kit.notice(text, "bad", _dismiss())), state=state
            )
            for state, text in PRESSED.items()
        ],
    ]
    refused = kit.notice(connection_status.problem_of_line(), "bad", _dismiss())
    return [*texts, connection_status.while_line(_about_a_press(refused), state="problem")]


def line_in_dialog() -> rx.Component:
    """Return what is said of the connection for a dialog: all else lies behind it, and is mute."""
    told = [(AWAY, "info"), (PRESSED, "bad")]
    return kit.live_region(
        *[
            connection_status.while_line(kit.notice(text, tone), state=state)
            for texts, tone in told
            for state, text in texts.items()
        ],
        data_testid="line-in-dialog",
    )


def _about_a_press(notice: rx.Component) -> rx.Component:
    return kit.toast(notice, data_testid="press-notice")


def _dismiss() -> rx.Component:
    return connection_status.dismiss_line(i18n.DISMISS, class_name=kit.button_class("quiet"))


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
