"""The other sites that one page may use, such as a map or a video."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

_ORIGIN = re.compile(r"(https|wss)://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?")

INLINE, INLINE_FONTS = "'unsafe-inline'", "data:"


class PageSourcesError(ValueError):
    """A source is wrong. The message is one sentence that names it."""


@dataclass(frozen=True, kw_only=True)
class PageSources:
    """Origins by what they are for, such as `https://tiles.example.org` or `https://*.example.org`.

    `frames` are shown inside the page, `connections` are called by its scripts. A script of another
    site can do on our pages whatever our own can: name only sites that you trust with that.
    `inline_styles` allows style elements, style attributes and fonts inside of a style sheet, which
    many components have.
    Raises PageSourcesError.
    """

    images: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    inline_styles: bool = False

    def __post_init__(self) -> None:
        """Check every origin: a policy has no way to say that one is meaningless."""
        for part in fields(self):
            if part.name == "inline_styles":
                continue
            origins: Any = getattr(self, part.name)
            if not isinstance(origins, tuple):
                raise PageSourcesError(f"{part.name} must be a tuple of origins.")
            for origin in origins:
                if not isinstance(origin, str) or not _ORIGIN.fullmatch(origin):
                    raise PageSourcesError(
                        f"{origin!r} in {part.name} must be an origin such as "
                        "https://tiles.example.org, without a path."
                    )

    @property
    def directives(self) -> Mapping[str, str]:
        """What each directive of a Content-Security-Policy gets, only where there is something."""
        named = {
            "img-src": self.images,
            "frame-src": self.frames,
            "media-src": self.media,
            "font-src": (*self.fonts, *([INLINE_FONTS] if self.inline_styles else ())),
            "style-src": (*self.styles, *([INLINE] if self.inline_styles else ())),
            "script-src": self.scripts,
            "connect-src": self.connections,
        }
        return {name: " ".join(origins) for name, origins in named.items() if origins}

    def __bool__(self) -> bool:
        """Tell whether the page uses any other site."""
        return bool(self.directives)


OWN_SITE = PageSources()
"""A page that uses no other site."""
