"""Colours: contrast as WCAG 2.2 defines it, and the tokens that follow from an accent colour."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

TEXT = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3)."""
HEX = re.compile(r"#[0-9a-f]{6}")
BLACK, WHITE = "#000000", "#ffffff"
_STEPS = 50


@dataclass(frozen=True)
class Scheme:
    """A colour scheme of the pages: the colours of `assets/theme.css` that an accent meets.

    An accent that cannot be read is moved towards `away`.
    """

    name: str
    key: str
    paper: str
    surface: str
    sunken: str
    ink: str
    away: str

    @property
    def grounds(self) -> Mapping[str, str]:
        """The background colours of text, with their names for messages."""
        return {"page": self.paper, "cards": self.surface, "footer": self.sunken}


LIGHT = Scheme("light", "accent", "#faf8f4", "#ffffff", "#f1ede5", "#1d1c1a", BLACK)
DARK = Scheme("dark", "accent_dark", "#131512", "#1b1e1a", "#242823", "#f1efe9", WHITE)


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def mixed(first: str, second: str, share: float) -> str:
    """Return a mixture: `share` of the first colour, 0 to 1, and the rest of the second."""
    parts = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in parts)


def problem_of(accent: str, scheme: Scheme) -> str:
    """Return the pair of colours that cannot be read, and a colour that could; "" for none."""
    for name, ground in scheme.grounds.items():
        ratio = contrast(accent, ground)
        if ratio < TEXT:
            return (
                f"text in {accent} on the {name} ({ground}) in {scheme.name} mode has a contrast "
                f"of {ratio:.1f} and needs {TEXT}; try {readable(accent, scheme)}"
            )
    return ""


def readable(accent: str, scheme: Scheme) -> str:
    """Return the colour nearest to `accent` that can be read in a scheme, in the same hue."""
    return next(colour for colour in _steps(accent, scheme.away) if _is_readable(colour, scheme))


def tokens_of(accent: str, scheme: Scheme) -> Mapping[str, str]:
    """Return the tokens of the style sheet that follow from a readable accent."""
    on_accent = next(
        colour
        for colour in (WHITE, mixed(accent, BLACK, 0.15), BLACK)
        if contrast(colour, accent) >= TEXT
    )
    away_from_text = BLACK if on_accent == WHITE else WHITE
    soft = next(
        colour
        for colour in _steps(mixed(accent, scheme.surface, 0.18), scheme.surface)
        if min(contrast(accent, colour), contrast(scheme.ink, colour)) >= TEXT
    )
    glow = _channels(mixed(accent, scheme.paper, 0.2))
    return {
        "accent": accent,
        "accent-strong": mixed(accent, away_from_text, 0.72),
        "on-accent": on_accent,
        "accent-soft": soft,
        "glow": f"rgb({' '.join(map(str, glow))} / 60%)",
    }


def _is_readable(accent: str, scheme: Scheme) -> bool:
    return all(contrast(accent, ground) >= TEXT for ground in scheme.grounds.values())


def _steps(start: str, end: str) -> Iterator[str]:
    """Yield the colours from `start` to `end`."""
    return (mixed(end, start, step / _STEPS) for step in range(_STEPS + 1))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    # the two branches of sRGB (w3.org/TR/WCAG22, relative luminance)
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004
