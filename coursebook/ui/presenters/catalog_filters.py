"""The filters in the address of the catalog: parsed from the query, written in a fixed order.

Pure. No query raises an error: an invalid value is ignored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import cast
from urllib.parse import urlencode

from coursebook.domain.course_fields import CourseField, FieldValue
from coursebook.domain.money import CURRENCIES, MAX_AMOUNT
from coursebook.extensions.loader import course_fields
from coursebook.services.catalog.course_query import CourseQuery, Order
from coursebook.ui import validation

PAGE_SIZE = 12
MAX_COURSES_SHOWN = 60
"""Courses on one page at most; more are on a further page."""
FREE = "free"
WHERE = ("online", "place")
SORTS: tuple[Order, ...] = ("relevance", "starts_at", "price", "price_down", "newest")
MAX_LENGTHS = {"q": 200, "category": 60, "level": 30, "series": 120, "after": 500}
EARLIEST = date(2000, 1, 1)
"""No course is older. Typing a year by keyboard passes through the years 2, 20 and 202."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MAX_DIGITS = 7
_PRICE = re.compile(r"(\d{1,6})([a-z]{3})", re.ASCII)
_KEYS = {"day_from": "from", "day_to": "to"}


def name_in_address(name: str) -> str:
    """Return the name of a filter in the address."""
    return _KEYS.get(name, name)


@dataclass(frozen=True)
class Filters:
    """The query of the catalog, in the order in which it is written. Empty values do not filter.

    Days are `2026-12-05`. `price` is `free` or the highest price in whole units with its
    currency, `50eur`. `after` is the cursor of the page before, `at` how many courses came before.
    `series` is the id or the slug of a series, whose dates are listed one by one.
    `extra` has the filters by fields of the school, by name: a choice, or `true`.
    """

    q: str = ""
    category: str = ""
    level: str = ""
    day_from: str = ""
    day_to: str = ""
    price: str = ""
    where: str = ""
    available: str = ""
    series: str = ""
    sort: str = ""
    show: str = ""
    after: str = ""
    at: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def set_values(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        plain = {name_in_address(n): value for n, value in vars(self).items() if n != "extra"}
        return {name: value for name, value in (plain | self.extra).items() if value}

    @property
    def query(self) -> str:
        """The query of the address, with only the filters that are set."""
        return urlencode(self.set_values)

    @property
    def order(self) -> Order:
        """The sort order; the best match first when there are search words."""
        return cast("Order", self.sort or ("relevance" if self.q else "starts_at"))

    @property
    def page_length(self) -> int:
        """The number of courses on the page."""
        return int(self.show or PAGE_SIZE)

    def address(self, path: str) -> str:
        """Return the address of the page with these filters."""
        return f"{path}?{self.query}" if self.query else path

    def changed(self, **values: str) -> "Filters":
        """Return the first page with other values; invalid ones count as empty."""
        first = {"show": "", "after": "", "at": "", **values}
        whole = vars(self) | self.extra | first
        return filters_of({name_in_address(n): v for n, v in whole.items() if n != "extra"})[0]

    @property
    def field_values(self) -> list[tuple[CourseField, FieldValue]]:
        """The fields of the school that are set, with their values."""
        return [
            (declared, True if declared.kind == "boolean" else self.extra[declared.name])
            for declared in filter_fields()
            if declared.name in self.extra
        ]

    def to_query(self) -> CourseQuery:
        """Return the filters as the service takes them."""
        currency, price_max = price_of(self.price)
        return CourseQuery(
            q=self.q,
            category=self.category,
            level=self.level,
            day_from=_day_of(self.day_from),
            day_to=_day_of(self.day_to),
            price_max=price_max,
            currency=currency,
            is_online=self.where == "online" if self.where else None,
            available=bool(self.available),
            series=self.series,
            is_grouped=True,
            extra=tuple(declared.matching(value) for declared, value in self.field_values),
            sort=self.order,
            limit=self.page_length,
            cursor=self.after or None,
        )


_PLAIN = tuple(part.name for part in fields(Filters) if part.name != "extra")
NAMES = tuple(name_in_address(name) for name in _PLAIN)
"""Our names in the address, in their order."""


def filter_fields() -> tuple[CourseField, ...]:
    """Return the fields of the school that are filters."""
    return tuple(declared for declared in course_fields() if declared.is_filter)


def names() -> tuple[str, ...]:
    """Return all names in the address, in their order."""
    return (*NAMES, *(declared.name for declared in filter_fields()))


def clearable_names() -> str:
    """Return the names of the filters, but not of the order and the place in the list."""
    return " ".join(name for name in names() if name not in ("sort", "show", "after", "at"))


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Return the query of the address with only the valid filters, in their fixed order."""
    return filters_of(parameters)[0].query


def filters_of(query: Mapping[str, object]) -> tuple[Filters, bool]:
    """Return the filters of a query, and whether an invalid value was ignored."""
    read: dict[str, str] = {}
    is_whole = True
    for name in _PLAIN:
        value = query.get(name_in_address(name), "")
        read[name] = _sensible(name, value)
        is_whole &= bool(read[name]) or value in ("", None) or _is_nothing(name, value)
    extra: dict[str, str] = {}
    for declared in filter_fields():
        value = str(query.get(declared.name) or "").strip()
        is_set = value == "true" if declared.kind == "boolean" else value in declared.choices
        if is_set:
            extra[declared.name] = value
        is_whole &= is_set or value in ("", "false")
    if read["day_from"] and read["day_to"] and read["day_from"] > read["day_to"]:
        read["day_from"], read["day_to"] = read["day_to"], read["day_from"]
    if read["sort"] == ("relevance" if read["q"] else "starts_at"):
        read["sort"] = ""
    if read["sort"] == "relevance":
        read["sort"] = ""
    if not read["after"]:
        read["at"] = ""
    return Filters(**read, extra=extra), not is_whole


def price_of(price: str) -> tuple[str, int | None]:
    """Return the currency ("" for any) and the highest price in minor units, of `50eur`."""
    if price == FREE:
        return "", 0
    match = _PRICE.fullmatch(price)
    if match is None:
        return "", None
    code = match[2]
    return code, int(match[1]) * 10 ** CURRENCIES[code].exponent


def _sensible(name: str, value: object) -> str:
    """Return a value in its normal form, or "" when it is invalid."""
    text = (validation.text(value, MAX_LENGTHS.get(name, 40)) or "").strip()
    if name in MAX_LENGTHS:
        return text
    return text if _CHECKS[name](text) else ""


def _is_nothing(name: str, value: object) -> bool:
    """Tell whether a value sets no filter."""
    return str(value).strip() == "" or (name == "available" and value == "false")


def _day_of(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and date.fromisoformat(text) >= EARLIEST
    except ValueError:
        return False


def _is_price(text: str) -> bool:
    match = _PRICE.fullmatch(text)
    if text == FREE or match is None:
        return text == FREE
    return match[2] in CURRENCIES and 0 < (price_of(text)[1] or 0) <= MAX_AMOUNT


def _is_number_shown(text: str) -> bool:
    is_number = text.isascii() and text.isdigit()
    return is_number and PAGE_SIZE < int(text) <= MAX_COURSES_SHOWN and int(text) % PAGE_SIZE == 0


def _is_number_before(text: str) -> bool:
    is_number = text.isascii() and text.isdigit() and len(text) < _MAX_DIGITS
    return is_number and int(text) > 0 and int(text) % PAGE_SIZE == 0


_CHECKS = {
    "day_from": _is_day,
    "day_to": _is_day,
    "price": _is_price,
    "where": lambda text: text in WHERE,
    "available": lambda text: text == "true",
    "sort": lambda text: text in SORTS,
    "show": _is_number_shown,
    "at": _is_number_before,
}
