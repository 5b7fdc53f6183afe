"""The colours that follow from an accent: every pair can be read, whatever the accent is."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.school.colours import DARK, LIGHT, TEXT, Scheme, contrast, readable, tokens_of

THEME = (Path(__file__).resolve().parents[2] / "assets" / "theme.css").read_text()
COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@given(colour=COLOURS)
def test_every_text_of_an_accent_can_be_read(scheme: Scheme, colour: str):
    accent = readable(colour, scheme)
    tokens = tokens_of(accent, scheme)
    for ground in (*scheme.grounds.values(), tokens["accent-soft"]):
        assert contrast(accent, ground) >= TEXT
    assert contrast(scheme.ink, tokens["accent-soft"]) >= TEXT
    for ground in ("accent", "accent-strong"):
        assert contrast(tokens["on-accent"], tokens[ground]) >= TEXT


def test_the_grounds_are_those_of_the_theme():
    for scheme, css in zip((LIGHT, DARK), THEME.split("prefers-color-scheme: dark"), strict=True):
        tokens = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", css))
        assert [tokens[name] for name in ("paper", "surface", "sunken", "ink")] == [
            scheme.paper,
            scheme.surface,
            scheme.sunken,
            scheme.ink,
        ]


def test_the_tokens_are_those_that_the_theme_has():
    for name in tokens_of(readable("#336699", LIGHT), LIGHT):
        assert THEME.count(f"--{name}:") == 2


def test_a_colour_that_can_be_read_is_kept():
    assert readable("#17594a", LIGHT) == "#17594a"
