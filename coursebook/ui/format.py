"""Money, times and places into words. Pure: everything needed comes as an argument.

Amounts are whole minor units and are divided as integers; no float is ever made of them.
Moments are aware datetimes; they are written in the zone of the course, and the zone is named.
"""

from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from coursebook.domain.money import CURRENCIES
from coursebook.ui import words

SYMBOLS = {
    "eur": "€",
    "usd": "$",
    "gbp": "£",
    "jpy": "¥",
    "aud": "A$",
    "cad": "C$",
    "nzd": "NZ$",
    "sgd": "S$",
}
"""Currencies written with a sign; the others with their code and a space («CHF 20.00»)."""

FEW_PLACES = 3
"""From this many places on we say so in a stronger colour."""


def money(amount: int, currency: str) -> str:
    """Write an amount in full: «€45.00», «¥4,500», «CHF 20.00», «-€5.00»."""
    known = CURRENCIES.get(currency)
    unit = 10 ** (known.exponent if known else 2)
    whole, rest = divmod(abs(amount), unit)
    digits = f"{whole:,}" if unit == 1 else f"{whole:,}.{rest:0{len(str(unit)) - 1}d}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, currency.upper() + chr(0xA0))}{digits}"


def price(amount: int, currency: str) -> str:
    """Write a price as short as it stays exact: «€45», «€45.50», «Free»."""
    if amount == 0:
        return words.FREE
    return money(amount, currency).removesuffix(".00")


def zone_of(name: str) -> tzinfo:
    """Return the time zone with this IANA name; UTC when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def zone_words(name: str) -> str:
    """Name a zone as people do: «Europe/Lisbon» is «Lisbon time»."""
    place = getattr(zone_of(name), "key", "UTC").rsplit("/", 1)[-1].replace("_", " ")
    return place if place == "UTC" else words.ZONE.format(place=place)


def day(moment: datetime, zone: str) -> str:
    """Write the date: «Sat 5 Dec 2026»."""
    local = moment.astimezone(zone_of(zone))
    month = words.MONTHS[local.month - 1]
    return f"{words.WEEKDAYS[local.weekday()]} {local.day} {month} {local.year}"


def clock(moment: datetime, zone: str) -> str:
    """Write the time of day: «09:30»."""
    return f"{moment.astimezone(zone_of(zone)):%H:%M}"


def hours(starts: datetime, ends: datetime, zone: str) -> str:
    """Write from when to when, zone named: «10:00-16:00, Lisbon time»; later days are named."""
    begin, end = starts.astimezone(zone_of(zone)), ends.astimezone(zone_of(zone))
    until = clock(ends, zone)
    if begin.date() != end.date():
        until = f"{day(ends, zone)}, {until}"
        return f"{clock(starts, zone)} {words.DASH} {until}, {zone_words(zone)}"
    return f"{clock(starts, zone)}{words.DASH}{until}, {zone_words(zone)}"


def when(starts: datetime, ends: datetime, zone: str) -> str:
    """Write the whole of it: «Sat 5 Dec 2026, 10:00-16:00, Lisbon time»."""
    return f"{day(starts, zone)}, {hours(starts, ends, zone)}"


def moment(at: datetime, zone: str) -> str:
    """Write one moment: «Sat 5 Dec 2026, 10:00, Lisbon time»."""
    return f"{day(at, zone)}, {clock(at, zone)}, {zone_words(zone)}"


def _counted(count: int, one: str, many: str) -> str:
    return one if count == 1 else many.format(count=count)


def time_left(deadline: datetime, now: datetime) -> str:
    """Write how long it is until the deadline: «25 minutes», «1 hour 5 minutes», «2 days»."""
    minutes = max(deadline - now, timedelta()) // timedelta(minutes=1)
    if minutes == 0:
        return words.LESS_THAN_A_MINUTE
    days, rest = divmod(minutes, 24 * 60)
    if days >= 2:  # noqa: PLR2004 - from two days on the hours do not matter
        return _counted(days, words.DAY_ONE, words.DAY_MANY)
    whole, over = divmod(minutes, 60)
    parts = [_counted(whole, words.HOUR_ONE, words.HOUR_MANY)] if whole else []
    parts += [_counted(over, words.MINUTE_ONE, words.MINUTE_MANY)] if over or not rest else []
    return " ".join(p for p in parts if not p.startswith("0 "))


def places(left: int, status: str) -> str:
    """Say how many places are left: «12 places left», «1 place left», «Full»."""
    if status == "closed":
        return words.PLACES_CLOSED
    if left <= 0 or status == "full":
        return words.PLACES_NONE
    return _counted(left, words.PLACES_ONE, words.PLACES_MANY)


def places_tone(left: int, status: str) -> str:
    """Return how strongly to say it: `none`, `few` or `many`."""
    if status != "open" or left <= 0:
        return "none"
    return "few" if left <= FEW_PLACES else "many"


def courses(count: int) -> str:
    """Say how many courses were found."""
    return _counted(count, words.COURSES_ONE, words.COURSES_MANY)


def capital(text: str) -> str:
    """Return the text with its first letter as a capital, the rest untouched."""
    return text[:1].upper() + text[1:]
