"""`/school.css`: the tokens of a school's colours and font, over those of `assets/theme.css`."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256

from coursebook.school.brand import School
from coursebook.school.colours import DARK, LIGHT, tokens_of

PATH = "/school.css"
DARK_PREVIEW = '[data-scheme="dark"]'
"""A part of the console that is shown in dark colours on any device."""
FALLBACK_FONTS = '"Iowan Old Style", Palatino, Georgia, serif'


@cache
def style_of(school: School) -> str:
    """Return the style sheet; "" for a school with our colours and font."""
    rules = []
    if school.font:
        # like our own font: a late swap would move the text
        rules.append(
            '@font-face { font-family: "School"; font-weight: 100 900; font-display: optional; '
            f'src: url("{school.font_url}") format("woff2"); }}'
        )
        rules.append(_rule({"font-display": f'"School", {FALLBACK_FONTS}'}))
    if school.accent:
        dark = _rule(tokens_of(school.accent_dark, DARK))
        rules.append(_rule(tokens_of(school.accent, LIGHT)))
        rules.append(f"@media (prefers-color-scheme: dark) {{ {dark} }}")
        rules.append(_rule(tokens_of(school.accent_dark, DARK), DARK_PREVIEW))
    return "\n".join([*rules, ""]) if rules else ""


def style_url(school: School) -> str:
    """Return the address of the style sheet, which changes with it; "" without one."""
    style = style_of(school)
    return f"{PATH}?v={sha256(style.encode()).hexdigest()[:10]}" if style else ""


def _rule(tokens: Mapping[str, str], within: str = "") -> str:
    # Twice the root: it wins over our theme whichever of the two is loaded first.
    values = " ".join(f"--{name}: {value};" for name, value in tokens.items())
    return f"{f':root:root {within}'.strip()} {{ {values} }}"
