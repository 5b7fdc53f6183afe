"""How mails look: the colours of the pages, as literal values that every mail program knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from coursebook.school import School
from coursebook.school.colours import DARK, LIGHT, Scheme, tokens_of

SHOWN_BY_MAIL_PROGRAMS = (".png", ".jpg", ".jpeg", ".gif", ".webp")
"""Endings of pictures. Gmail and Outlook show no SVG."""


@dataclass(frozen=True)
class Look:
    """The school's accent in light and dark, with the colour of text on it, logo and links.

    The defaults are the tokens of `assets/theme.css`. URLs are absolute; "" where there is none.
    """

    accent: str = "#17594a"
    on_accent: str = "#ffffff"
    accent_dark: str = "#8fd3b6"
    on_accent_dark: str = "#0b211a"
    home_url: str = ""
    logo_url: str = ""
    imprint_url: str = ""
    privacy_url: str = ""

    @classmethod
    def of(cls, school: School, public_url: str) -> Self:
        """Return the look of a school. A logo that mail programs do not show is left out."""
        is_shown = school.logo_url.endswith(SHOWN_BY_MAIL_PROGRAMS)
        return cls(
            accent=school.accent or cls.accent,
            on_accent=_on(school.accent, LIGHT) or cls.on_accent,
            accent_dark=school.accent_dark or cls.accent_dark,
            on_accent_dark=_on(school.accent_dark, DARK) or cls.on_accent_dark,
            home_url=public_url,
            logo_url=f"{public_url}{school.logo_url}" if is_shown else "",
            imprint_url=_absolute(school.imprint_url, public_url),
            privacy_url=_absolute(school.privacy_url, public_url),
        )


PLAIN = Look()
"""The look of the plain product."""


def _on(accent: str, scheme: Scheme) -> str:
    return tokens_of(accent, scheme)["on-accent"] if accent else ""


def _absolute(address: str, public_url: str) -> str:
    return f"{public_url}{address}" if address.startswith("/") else address
