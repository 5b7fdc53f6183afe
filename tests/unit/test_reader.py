"""How a person reads: what a browser sent, and what of it is believed."""

from typing import Any

import pytest

from coursebook.accept_language import best_language
from coursebook.domain.reader import UNKNOWN_READER, Reader


def test_language_and_zone_are_kept() -> None:
    assert Reader.of("de", "Europe/Berlin") == Reader("de", "Europe/Berlin")
    assert Reader.of("pt-BR") == Reader("pt-BR", "")


@pytest.mark.parametrize("value", [None, 7, [], "\x00", "../..", "x" * 100_000, "💥", ""])
def test_what_cannot_be_used_counts_as_unknown(value: Any) -> None:
    assert Reader.of(value, value) == UNKNOWN_READER


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("de-AT,de;q=0.9,en;q=0.8", "de"), ("fr", "en"), ("en;q=0.5, de;q=0.7", "de"), ("*", "en")],
)
def test_the_language_that_is_wanted_most_is_chosen(accepted: str, language: str) -> None:
    assert best_language(accepted, ("en", "de"), "en") == language
