"""The theme's colours meet the contrast of WCAG 2.2, computed from the tokens."""

import re
from pathlib import Path

import pytest

THEME = (Path(__file__).resolve().parents[2] / "assets" / "theme.css").read_text()
TEXT, EDGE = 4.5, 3.0
"""Least contrast of text (1.4.3), and of the edge of a control (1.4.11)."""
GROUNDS = ("paper", "surface", "sunken")
INKS = ("ink", "ink-soft", "accent", "good", "warn", "bad")
PAIRS = [
    *((ink, ground, TEXT) for ink in INKS for ground in GROUNDS),
    *((name, f"{name}-soft", TEXT) for name in ("accent", "good", "warn", "bad")),
    *(("ink", f"{name}-soft", TEXT) for name in ("accent", "good", "warn", "bad")),
    *(("on-accent", ground, TEXT) for ground in ("accent", "accent-strong")),
    ("paper", "bad", TEXT),
    *(("edge", ground, EDGE) for ground in GROUNDS),
    *(("accent", ground, EDGE) for ground in GROUNDS),  # the focus ring
]


def _tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", block))


LIGHT = _tokens(THEME.split("prefers-color-scheme: dark")[0])
DARK = LIGHT | _tokens(THEME.split("prefers-color-scheme: dark")[1])


def _brightness(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_brightness(one), _brightness(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_is_readable_on_its_background(tokens, front, ground, least):
    assert _contrast(tokens[front], tokens[ground]) >= least


def test_the_contrast_formula_is_that_of_wcag():
    assert _contrast("#ffffff", "#000000") == pytest.approx(21)
    assert _contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)


def test_reduced_motion_disables_animation():
    calm = THEME.split("prefers-reduced-motion: reduce")[1]
    assert "animation-duration: 1ms !important" in calm
    assert "transition-duration: 1ms !important" in calm
