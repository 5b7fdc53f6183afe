"""Samples of the frame; the page itself has the real one."""

import reflex as rx

from coursebook.ui import i18n, kit


def _frame() -> rx.Component:
    return kit.panel(
        kit.header(
            kit.logo("coursebook"),
            kit.nav_list(
                "Sample", kit.nav_link("Here", "/kit"), kit.nav_link("Courses", "/courses")
            ),
            kit.account_name("Sam Student"),
        ),
        kit.footer(
            kit.small("The foot of a page."),
            kit.footer_link("Legal notice", "/kit"),
            kit.language_switch("Language", i18n.LANGUAGE_CHOICES, i18n.LANGUAGE),
        ),
    )


SAMPLES = {
    "header, logo, nav_list, nav_link, account_name, footer, footer_link, language_switch": _frame,
    "route_focus, focus_on, link_to_list, on_this_page": lambda: rx.fragment(
        kit.route_focus(),
        kit.link_to_list("← ", "All of them", href="/courses"),
        kit.on_this_page(kit.small("Gone on the next page."), on_left=rx.noop()),
        kit.focus_on(rx.Var.create("nowhere"), rx.Var.create(0)),
        kit.body("One is beside every page; the other goes where an act says what came of it."),
    ),
    "page_frame, main, skip_link": lambda: kit.body(
        "They are around this page: press Tab at its top to see the link that skips."
    ),
}
