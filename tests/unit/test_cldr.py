"""CLDR formats, also for languages without a catalogue of ours."""

from datetime import date, time

import pytest

from coursebook.cldr import date_text, plural_of, time_text

DAY = date(2026, 9, 5)


@pytest.mark.parametrize(
    ("language", "pattern", "text"),
    [
        ("en", "EEE d MMM y", "Sat 5 Sep 2026"),
        ("en", "EEEE d MMMM y", "Saturday 5 September 2026"),
        ("de", "EEE, d. MMMM y", "Sa., 5. September 2026"),
        ("fr", "EEEE d MMMM y", "samedi 5 septembre 2026"),
        ("pt-BR", "d 'de' MMMM 'de' y", "5 de setembro de 2026"),
    ],
)
def test_a_date_follows_the_pattern_of_its_language(language: str, pattern: str, text: str):
    assert date_text(DAY, pattern, language) == text


def test_a_time_is_formatted_to_the_minute():
    assert time_text(time(9, 5, 59, 7), "HH:mm", "en") == "09:05"
    assert time_text(time(0, 0), "HH:mm", "de") == "00:00"


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", ["other", "one", "other", "other"]),
        ("de", ["other", "one", "other", "other"]),
        ("pl", ["many", "one", "few", "many"]),
        ("fr", ["one", "one", "other", "other"]),
    ],
)
def test_a_number_has_the_plural_form_of_its_language(language: str, forms: list[str]):
    assert [plural_of(count, language) for count in (0, 1, 2, 5)] == forms
