"""Samples of buttons and links."""

import reflex as rx

from coursebook.ui import kit
from coursebook.ui.kit.actions import LOOKS


def _buttons() -> rx.Component:
    rows = [
        kit.inline(
            kit.button(look, look=look),
            kit.button(f"{look}, off", look=look, disabled=True),
            kit.button(f"{look}, busy", look=look, custom_attrs={"aria-disabled": "true"}),
            gap="md",
        )
        for look in LOOKS
        if look != "person"
    ]
    return kit.stack(*rows, kit.button("A wide one", wide=True))


def _own() -> rx.Component:
    return kit.stack(
        rx.el.button("Sign in with somebody's button", class_name=kit.button_class("secondary")),
        rx.el.div(
            rx.el.button("Continue as Sam Student", class_name=kit.button_class("person")),
            rx.el.p("Loading…", class_name=kit.sign_in_classes("notice")),
            rx.el.p("Sign-in cannot be reached.", class_name=kit.sign_in_classes("error")),
            class_name=kit.sign_in_classes("whole"),
        ),
    )


def _links() -> rx.Component:
    return kit.stack(
        rx.el.p(kit.text_link("A link in text", href="/kit")),
        rx.el.p(kit.outside_link("A link to another site", href="https://example.org")),
        rx.el.p(kit.mail_link("A link that writes a mail", href="mailto:hello@example.test")),
        rx.el.p(kit.plain_link("A link without a look", href="/kit")),
        kit.inline(kit.link_button("A link", "/kit"), kit.reload_link("Load anew"), gap="md"),
    )


SAMPLES = {
    "button": _buttons,
    "button_class, sign_in_classes": _own,
    "text_link, outside_link, mail_link, plain_link, link_button, reload_link": _links,
}
