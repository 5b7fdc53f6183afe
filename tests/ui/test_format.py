"""Formatting of money, times and places."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.money import CURRENCIES
from coursebook.ui.presenters import format as say

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (4500, "eur", "€45.00"),
        (5, "eur", "€0.05"),
        (123456, "usd", "$1,234.56"),
        (4500, "jpy", "¥4,500"),
        (59500, "dkk", "DKK\N{NO-BREAK SPACE}595.00"),
        (-250, "gbp", "-£2.50"),
        (99_999_999, "eur", "€999,999.99"),
    ],
)
def test_an_amount_is_written_in_full(amount: int, currency: str, words: str):
    assert say.money(amount, currency, "en") == words


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (0, "eur", "Free"),
        (4500, "eur", "€45"),
        (4550, "eur", "€45.50"),
        (100_000, "eur", "€1,000"),
        (4500, "jpy", "¥4,500"),
        (10_000, "jpy", "¥10,000"),
    ],
)
def test_a_price_is_short_as_long_as_it_is_exact(amount: int, currency: str, words: str):
    assert say.price(amount, currency, "en") == words


@given(st.integers(0, 99_999_999), st.sampled_from(sorted(CURRENCIES)))
def test_no_minor_unit_gets_lost_in_writing(amount: int, currency: str):
    digits = "".join(c for c in say.money(amount, currency, "en") if c.isdigit())
    assert int(digits) == amount


def test_a_course_is_dated_in_its_own_zone_and_the_zone_is_named():
    starts, ends = NOW, NOW + timedelta(hours=4)
    assert say.when(starts, ends, "Europe/Lisbon", "en") == (
        "Mon 23 Nov 2026, 12:00\N{EN DASH}16:00, Lisbon time"
    )
    assert say.when(starts, ends, "Asia/Tokyo", "en").endswith(
        "21:00 \N{EN DASH} Tue 24 Nov 2026, 01:00, Tokyo time"
    )
    assert say.zone_words("America/New_York", "en") == "New York time"


def test_several_days_name_both_ends():
    def days(hours: float, zone: str = "Europe/Lisbon") -> str:
        return say.days(NOW, NOW + timedelta(hours=hours), zone, "en")

    assert days(4) == "Mon 23 Nov 2026"
    assert days(12) == "Mon 23 Nov 2026", "a course that ends at midnight ends on that day"
    assert days(30) == "Mon 23 Nov \N{EN DASH} Tue 24 Nov 2026"
    assert days(24 * 60) == "Mon 23 Nov 2026 \N{EN DASH} Fri 22 Jan 2027"
    assert days(4, "Asia/Tokyo") == "Mon 23 Nov \N{EN DASH} Tue 24 Nov 2026"
    until = NOW + timedelta(hours=30)
    assert say.days(NOW, until, "UTC", "de") == "Mo., 23. November bis Di., 24. November 2026"


def test_a_card_tells_the_time_and_names_the_zone_where_nobody_goes_there():
    ends = NOW + timedelta(hours=4)
    assert say.times(NOW, ends, "Europe/Berlin", "en") == "13:00\N{EN DASH}17:00"
    assert say.times(NOW, ends, "Asia/Kolkata", "en", names_zone=True) == (
        "17:30\N{EN DASH}21:30, Kolkata time"
    )
    assert say.times(NOW, NOW + timedelta(hours=30), "UTC", "en") == "from 12:00"


@pytest.mark.parametrize(
    ("address", "city"),
    [
        ("Testweg 1, Berlin", "Berlin"),
        ("Lausitzer Straße 27, 10999 Berlin, Germany", "Berlin"),
        ("255 Douglass Street, Brooklyn, NY 11217, USA", "Brooklyn, NY"),
        ("18 Blackfriars Street, Edinburgh EH1 1NB, United Kingdom", "Edinburgh"),
        ("Prinseneiland 67, 1013 LN Amsterdam, Netherlands", "Amsterdam"),
        ("Rua da Senhora do Monte 41, 1170-361 Lisboa, Portugal", "Lisboa"),
        ("Lisbon", "Lisbon"),
        ("Testweg 1", ""),
        ("", ""),
        (", ,", ""),
    ],
)
def test_the_city_of_an_address(address: str, city: str):
    assert say.city(address) == city


def test_an_unknown_zone_is_written_as_utc():
    assert say.moment(NOW, "Mars/Olympus", "en") == "Mon 23 Nov 2026, 12:00, UTC"
    assert say.moment(NOW, "../../etc/passwd", "en").endswith("UTC")


def test_summer_and_winter_time_follow_the_zone():
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert say.clock(summer, "Europe/Berlin", "en") == "14:00"
    assert say.clock(NOW, "Europe/Berlin", "en") == "13:00"


@pytest.mark.parametrize(
    ("left", "status", "words", "tone"),
    [
        (12, "open", "12 places left", "many"),
        (3, "open", "3 places left", "few"),
        (1, "open", "1 place left", "few"),
        (0, "full", "Full", "none"),
        (0, "open", "Full", "none"),
        (5, "closed", "Booking closed", "none"),
    ],
)
def test_places_left_in_words(left: int, status: str, words: str, tone: str):
    assert say.places(left, status, "en") == words
    assert say.places_tone(left, status) == tone


def test_courses_are_counted_in_words():
    assert [say.courses(n, "en") for n in (0, 1, 2)] == ["0 courses", "1 course", "2 courses"]
    assert [say.bookings(n, "en") for n in (1, 2)] == ["1 booking", "2 bookings"]


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_month_and_weekday_has_its_name(language: str):
    names = {
        "en": ("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", "Mon Tue Wed Thu Fri Sat Sun"),
        "de": (
            "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
            "Mo. Di. Mi. Do. Fr. Sa. So.",
        ),
    }
    months, weekdays = (text.split() for text in names[language])
    for number, month in enumerate(months, start=1):
        at = datetime(2026, number, 5, tzinfo=UTC)
        text = say.day(at, "UTC", language)
        assert text.split()[-2:] == [month, "2026"]
        assert text.split()[0].rstrip(",") == weekdays[at.weekday()]


@pytest.mark.parametrize(
    ("currency", "english", "german"),
    [
        ("cad", "C$1,234.56", "1.234,56 C$"),
        ("sgd", "S$1,234.56", "1.234,56 S$"),
        ("inr", "INR 1,234.56", "1.234,56 INR"),
        ("kwd", "KWD 123.456", "123,456 KWD"),
        ("krw", "KRW 123,456", "123.456 KRW"),
        ("isk", "ISK 1,234.56", "1.234,56 ISK"),  # Stripe counts in hundredths, CLDR does not
    ],
)
def test_our_signs_and_stripes_decimals_are_kept(currency: str, english: str, german: str):
    nbsp = "\N{NO-BREAK SPACE}"
    assert say.money(123456, currency, "en") == english.replace(" ", nbsp)
    assert say.money(123456, currency, "de") == german.replace(" ", nbsp)
    assert say.money(-123456, currency, "en") == "-" + english.replace(" ", nbsp)
