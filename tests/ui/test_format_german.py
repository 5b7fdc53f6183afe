"""Formatting of money, times and places in German."""

from datetime import UTC, datetime, timedelta

import pytest

from coursebook.ui.presenters import format as say

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NBSP, DASH = "\N{NO-BREAK SPACE}", "\N{EN DASH}"


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (4500, "eur", "45,00 €"),
        (5, "eur", "0,05 €"),
        (123456, "usd", "1.234,56 $"),
        (123456789, "chf", "1.234.567,89 CHF"),
        (4500, "jpy", "4.500 ¥"),
        (-250, "gbp", "-2,50 £"),
    ],
)
def test_an_amount_has_a_comma_and_its_sign_behind(amount: int, currency: str, written: str):
    assert say.money(amount, currency, "de") == written.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("amount", "written"),
    [(0, "Kostenlos"), (4500, "45 €"), (4550, "45,50 €"), (100_000, "1.000 €")],
)
def test_a_price_is_short_as_long_as_it_is_exact(amount: int, written: str):
    assert say.price(amount, "eur", "de") == written.replace(" ", NBSP)


def test_days_and_times_are_written_the_german_way():
    later = NOW + timedelta(hours=4)
    assert say.when(NOW, later, "Europe/Lisbon", "de") == (
        f"Mo., 23. November 2026, 12:00{DASH}16:00 Uhr, Ortszeit Lissabon"
    )
    assert say.hours(NOW, later, "Asia/Tokyo", "de") == (
        f"21:00 Uhr {DASH} Di., 24. November 2026, 01:00 Uhr, Ortszeit Tokio"
    )
    assert say.moment(NOW, "Mars/Olympus", "de") == "Mo., 23. November 2026, 12:00 Uhr, UTC"
    assert say.zone_words("Europe/Berlin", "de") == "Ortszeit Berlin"


def test_counted_things_have_the_right_number():
    assert [say.courses(n, "de") for n in (0, 1, 2)] == ["0 Kurse", "1 Kurs", "2 Kurse"]
    assert say.places(1, "open", "de") == "1 Platz frei"
    assert say.places(12, "open", "de") == "12 Plätze frei"
    assert say.places(0, "full", "de") == "Ausgebucht"


def test_a_level_has_a_word_and_an_unknown_one_stays():
    assert say.level("beginner", "de") == "Für Anfänger"
    assert say.level("wizard", "de") == "Wizard"
