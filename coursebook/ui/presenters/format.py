"""Formats money, times and numbers of seats. Pure: everything needed is an argument.

Amounts are integers in minor units, converted to decimals, never to floats.
Times are aware datetimes, shown in the zone of the course with the zone's name.
`language` is one of `i18n.LANGUAGES`. CLDR has the number formats and month names of a language;
our catalogue has the date patterns and the sentences around them.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from coursebook.cldr import date_text, plural_of, time_text, zone_city
from coursebook.domain.amount_text import money_text, whole_money_text
from coursebook.domain.money import exponent_of
from coursebook.ui import i18n

FEW_PLACES = 3
"""With this many seats left or fewer the text is emphasised."""


@lru_cache(maxsize=1024)
def money(amount: int, currency: str, language: str) -> str:
    """Return a full amount: "€45.00", "¥4,500", "CHF 20.00", "-€5.00"; German "45,00 €"."""
    return money_text(amount, currency, language)


@lru_cache(maxsize=1024)
def price(amount: int, currency: str, language: str) -> str:
    """Return a price in its shortest exact form: "€45", "€45.50", "Free"; German "45 €"."""
    if amount == 0:
        return str(i18n.of(language).FREE)
    exponent = exponent_of(currency)
    if amount % 10**exponent:
        return money(amount, currency, language)
    return whole_money_text(amount, currency, language)


def zone_of(name: str) -> tzinfo:
    """Return the time zone with this IANA name; UTC when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def zone_words(name: str, language: str) -> str:
    """Return the common name of a zone: "Europe/Lisbon" is "Lisbon time", "Ortszeit Lissabon"."""
    key: str = getattr(zone_of(name), "key", "UTC")
    place = zone_city(key, language)
    return str(i18n.of(language).ZONE.format(place=place)) if place else key.rsplit("/", 1)[-1]


def day(moment: datetime, zone: str, language: str) -> str:
    """Return the date: "Sat 5 Dec 2026", "Sa., 5. Dezember 2026"."""
    local = moment.astimezone(zone_of(zone)).date()
    return date_text(local, i18n.of(language).DAY_PATTERN, language)


def days(starts: datetime, ends: datetime, zone: str, language: str) -> str:
    """Return the date, or the range of several days: "Sat 2 Jan-Sun 3 Jan 2027".

    An end at midnight counts as the day before.
    """
    place, say = zone_of(zone), i18n.of(language)
    first = starts.astimezone(place).date()
    last = max(first, (ends.astimezone(place) - timedelta(microseconds=1)).date())
    if first == last:
        return day(starts, zone, language)
    pattern = say.DAY_SHORT_PATTERN if first.year == last.year else say.DAY_PATTERN
    return str(
        say.DAYS_FORM.format(
            first=date_text(first, pattern, language),
            last=date_text(last, say.DAY_PATTERN, language),
        )
    )


def times(
    starts: datetime, ends: datetime, zone: str, language: str, *, names_zone: bool = False
) -> str:
    """Return the hours: "10:00-16:00"; for several days "from 09:00"."""
    place, say = zone_of(zone), i18n.of(language)
    begin, end = starts.astimezone(place), ends.astimezone(place)
    ends_that_day = (end - timedelta(microseconds=1)).date() <= begin.date()
    form = say.TIMES_FORM if ends_that_day else say.TIMES_FROM_FORM
    text = form.format(begin=clock(starts, zone, language), end=clock(ends, zone, language))
    return f"{text}, {zone_words(zone, language)}" if names_zone else text


def city(address: str) -> str:
    """Return the city of a postal address: "Berlin", "Brooklyn, NY".

    The street is before it, the country after it; postcodes are removed. "" when there is only a
    street.
    """
    parts = [part.strip() for part in address.split(",") if part.strip()]
    if len(parts) == 1:
        return "" if any(c.isdigit() for c in parts[0]) else parts[0]
    named = (_without_postcode(part) for part in (parts[1:-1] or parts[1:]))
    return ", ".join(part for part in named if part)


def _without_postcode(part: str) -> str:
    part = re.sub(r"\b\d{4} ?[A-Z]{2}\b", "", part)
    return " ".join(word for word in part.split() if not any(c.isdigit() for c in word))


def clock(moment: datetime, zone: str, language: str) -> str:
    """Return the time of day: "09:30"."""
    local = moment.astimezone(zone_of(zone))
    return time_text(local.time(), i18n.of(language).CLOCK_PATTERN, language)


def hours(starts: datetime, ends: datetime, zone: str, language: str) -> str:
    """Return the hours with the zone: "10:00-16:00, Lisbon time"; a later end day is named."""
    begin, end = starts.astimezone(zone_of(zone)), ends.astimezone(zone_of(zone))
    say = i18n.of(language)
    is_one_day = begin.date() == end.date()
    form: str = say.HOURS_FORM if is_one_day else say.HOURS_LONG_FORM
    return form.format(
        begin=clock(starts, zone, language),
        end=clock(ends, zone, language),
        end_day=day(ends, zone, language),
        zone=zone_words(zone, language),
    )


def when(starts: datetime, ends: datetime, zone: str, language: str) -> str:
    """Return date, hours and zone: "Sat 5 Dec 2026, 10:00-16:00, Lisbon time"."""
    say = i18n.of(language)
    form: str = say.WHEN_FORM
    return form.format(day=day(starts, zone, language), hours=hours(starts, ends, zone, language))


def moment(at: datetime, zone: str, language: str) -> str:
    """Return one moment: "Sat 5 Dec 2026, 10:00, Lisbon time"."""
    form: str = i18n.of(language).MOMENT_FORM
    return form.format(
        day=day(at, zone, language),
        clock=clock(at, zone, language),
        zone=zone_words(zone, language),
    )


def counted(count: int, forms: Mapping[str, str], language: str) -> str:
    """Return a number with its text in the right plural form of the language."""
    return forms[plural_of(count, language)].format(count=count)


def places(left: int, status: str, language: str) -> str:
    """Return the seats left: "12 places left", "1 place left", "Full"."""
    say = i18n.of(language)
    if status == "closed":
        return str(say.PLACES_CLOSED)
    if left <= 0 or status == "full":
        return str(say.PLACES_NONE)
    return counted(left, say.PLACES, language)


def places_tone(left: int, status: str) -> str:
    """Return the tone of the seats left: `none`, `few` or `many`."""
    if status != "open" or left <= 0:
        return "none"
    return "few" if left <= FEW_PLACES else "many"


def courses(count: int, language: str) -> str:
    """Return the number of courses in words."""
    return counted(count, i18n.of(language).COURSES, language)


def bookings(count: int, language: str) -> str:
    """Return the number of bookings in words."""
    return counted(count, i18n.of(language).BOOKINGS, language)


def level(name: str, language: str) -> str:
    """Return the level of a course; one without a text in the catalogue is returned unchanged."""
    words: Mapping[str, str] = i18n.of(language).LEVEL
    return words.get(capital(name), capital(name))


def capital(text: str) -> str:
    """Return the text with its first letter in upper case, the rest unchanged."""
    return text[:1].upper() + text[1:]
