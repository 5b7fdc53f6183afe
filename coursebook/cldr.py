"""Dates, times and plural forms of a language, from Unicode's CLDR (by Babel).

Patterns are those of CLDR (`EEE d MMM y`); a language is `en`, `de` or `pt-BR`.
"""

from datetime import date, time, timedelta
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_timezone_location
from babel.numbers import format_decimal, get_decimal_symbol
from babel.units import format_unit


@cache
def locale_of(language: str) -> Locale:
    """Return the locale of a language. The first use of each reads about 3 MB."""
    return Locale.parse(language, sep="-")


def language_name(language: str) -> str:
    """Return what a language calls itself, with a capital letter: "Deutsch"."""
    locale = locale_of(language)
    name = locale.get_display_name(language) or language
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=1024)  # the courses of a list share their days, and a list is drawn often
def date_text(day: date, pattern: str, language: str) -> str:
    """Write a date by a pattern."""
    return format_date(day, pattern, locale_of(language))


def time_text(clock: time, pattern: str, language: str) -> str:
    """Write the hour and minute of a naive time by a pattern."""
    return _minute_text(clock.replace(second=0, microsecond=0), pattern, language)


@lru_cache(maxsize=1440)
def _minute_text(minute: time, pattern: str, language: str) -> str:
    return format_time(minute, pattern, locale=locale_of(language))


def number_text(number: int, language: str) -> str:
    """Write a whole number with its thousands apart: "1,900", German "1.900"."""
    return format_decimal(number, locale=locale_of(language))


def decimal_mark(language: str) -> str:
    """Return the mark before decimals: "." in English, "," in German."""
    return get_decimal_symbol(locale_of(language))


@lru_cache(maxsize=1024)
def zone_city(zone: str, language: str) -> str:
    """Return the city in the name of a time zone: "Lissabon" for Europe/Lisbon; "" for UTC."""
    is_place = "/" in zone and not zone.startswith("Etc/")
    return get_timezone_location(zone, locale=locale_of(language), return_city=True) * is_place


def age_text(age: timedelta, language: str) -> str:
    """Write how long ago something was, in its largest unit: "2 days", "5 hours", "20 minutes"."""
    return format_timedelta(
        max(age, timedelta(minutes=1)),
        granularity="minute",
        threshold=1,
        locale=locale_of(language),
    )


def length_text(minutes: int, language: str) -> str:
    """Write how long something takes, in its largest whole unit: "2 days", "90 minutes"."""
    units = (("duration-day", 24 * 60), ("duration-hour", 60))
    whole = (it for it in units if minutes and minutes % it[1] == 0)
    unit, size = next(whole, ("duration-minute", 1))
    return format_unit(minutes // size, unit, locale=locale_of(language))


def plural_of(count: int, language: str) -> str:
    """Return the form that goes with a number: `zero`, `one`, `two`, `few`, `many` or `other`."""
    return str(locale_of(language).plural_form(count))
