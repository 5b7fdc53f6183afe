"""Meta tags for search engines and link previews."""

import reflex as rx

from coursebook.ui import i18n
from coursebook.ui.kit.types import Text
from coursebook.ui.states.session import SessionState


def sharing(title: Text, description: Text) -> list[rx.Component]:
    """Return the meta tags of a public page; its address comes from the state."""
    fixed = {"og:type": "website", "og:site_name": i18n.BRAND, "og:locale": i18n.LOCALE}
    properties = {"og:title": title, "og:description": description}
    address = SessionState.canonical
    return [
        *[rx.el.meta(custom_attrs={"property": name}, content=fixed[name]) for name in fixed],
        *[
            rx.el.meta(custom_attrs={"property": name}, content=properties[name])
            for name in properties
        ],
        rx.el.meta(name="twitter:card", content="summary_large_image"),
        rx.cond(
            address != "",
            rx.fragment(
                rx.el.link(rel="canonical", href=address),
                rx.el.meta(custom_attrs={"property": "og:url"}, content=address),
            ),
        ),
    ]


def not_for_search() -> list[rx.Component]:
    """Return the meta tag of a private page, which keeps it out of search engines."""
    return [rx.el.meta(name="robots", content="noindex")]
