"""The catalog's filters in words: choices, chips, counts and hints. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from coursebook.domain.money import CURRENCIES
from coursebook.services.catalog.courses import MAX_COUNTED, Facets
from coursebook.services.views import CoursePage, NothingFits
from coursebook.ui import i18n
from coursebook.ui.presenters import course_fields
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.catalog_filters import (
    FREE,
    MAX_COURSES_SHOWN,
    PAGE_SIZE,
    SORTS,
    Filters,
    name_in_address,
    price_of,
)
from coursebook.ui.presenters.rows import Chip, Choice, Hint

STEPS = (25, 50, 100, 250)
"""Price limits to choose from, for a currency whose unit is worth about a euro."""
TIMES = {"jpy": 100, "huf": 400, "czk": 20, "dkk": 10, "nok": 10, "sek": 10, "pln": 4}
"""Factors for other currencies, so that their steps are worth about the same."""
CHIPS = ("q", "category", "level", "day_from", "day_to", "price", "where", "available", "series")
FIELDS = {"days": ("day_from", "day_to")}
"""Filters of a service's hint that are two filters in the address."""
NEW_COURSE = "/manage/courses/new"
"""The form of a new course, in the console."""


def prices(facets: Facets, chosen: str, language: str) -> list[Choice]:
    """Return the price choices: free, and steps for each currency of the courses."""
    offered = [
        f"{step * TIMES.get(code, 1)}{code}"
        for code in facets.currencies
        if code in CURRENCIES
        for step in STEPS
    ]
    if chosen and chosen not in (FREE, *offered):
        offered.append(chosen)
    return [Choice(price, price_words(price, language)) for price in (FREE, *offered)]


def price_words(price: str, language: str) -> str:
    """Return a price filter in words: "Free", "Up to €50"."""
    currency, amount = price_of(price)
    words = i18n.of(language)
    if not currency or not amount:
        return str(words.FREE)
    return str(words.UP_TO.format(amount=say.price(amount, currency, language)))


def categories(facets: Facets, chosen: str) -> list[str]:
    """Return the category choices; one without courses only if it is selected."""
    return [*facets.categories, *_unknown(facets.categories, chosen)]


def levels(facets: Facets, chosen: str, language: str) -> list[Choice]:
    """Return the level choices in the visitor's language."""
    offered = [*facets.levels, *_unknown(facets.levels, chosen)]
    return [Choice(level, say.level(level, language)) for level in offered]


def _unknown(offered: Sequence[str], chosen: str) -> list[str]:
    return [chosen] if chosen and chosen not in offered else []


def sorts(filters: Filters, language: str) -> list[Choice]:
    """Return the sort orders; the default one is not written to the address."""
    usual = replace(filters, sort="").order
    offered = SORTS if filters.q else [sort for sort in SORTS if sort != "relevance"]
    words = i18n.of(language).SORT
    return [Choice("" if sort == usual else sort, words[sort]) for sort in offered]


def order_note(facets: Facets, filters: Filters, language: str) -> str:
    """Return the note that sorting by price does not convert currencies; "" with one currency."""
    is_mixed = len(facets.currencies) > 1 and not price_of(filters.price)[0]
    by_price = filters.order in ("price", "price_down")
    free_only = filters.price == FREE
    if not (is_mixed and by_price) or free_only:
        return ""
    return str(i18n.of(language).NOT_CONVERTED)


def chips(filters: Filters, path: str, language: str) -> list[Chip]:
    """Return a chip for each filter that is set, with the address without it."""
    remove = i18n.of(language).REMOVE_FILTER
    return [
        Chip(
            name_in_address(name),
            text,
            filters.changed(**{name: ""}).address(path),
            remove.format(filter=text),
        )
        for name, text in _filter_texts(filters, language)
    ]


def count_words(page: CoursePage, filters: Filters, language: str) -> str:
    """Return the number of courses in words, and the range that a further page shows.

    Above a limit the number is not exact: "more than ...".
    """
    if page.total > MAX_COUNTED:
        return str(i18n.of(language).MORE_THAN.format(count=MAX_COUNTED))
    first = int(filters.at or 0) + 1
    last = first - 1 + len(page.items)
    is_known = not filters.after or filters.at
    if not (filters.show or filters.after) or not is_known or last > page.total:
        return say.courses(page.total, language)
    some = i18n.of(language).SOME_OF
    return str(some.format(first=first, last=last, all=page.total))


def read_as(page: CoursePage, filters: Filters, language: str) -> str:
    """Return how misspelt words were corrected; "" when nothing was corrected."""
    if not page.read_as or not page.items:
        return ""
    return str(i18n.of(language).READ_AS.format(typed=filters.q, read=page.read_as))


def more(page: CoursePage, filters: Filters, path: str) -> str:
    """Return the address that shows more of the list; "" at its end."""
    if page.next_cursor is None:
        return ""
    if filters.page_length < MAX_COURSES_SHOWN:
        return replace(filters, show=str(filters.page_length + PAGE_SIZE)).address(path)
    is_known = not filters.after or filters.at
    at = str(int(filters.at or 0) + filters.page_length) if is_known else ""
    return replace(filters, show="", after=page.next_cursor, at=at).address(path)


def empty_words(filters: Filters, language: str, *, may_add: bool) -> tuple[str, str, str]:
    """Return the title, the text and the next step of an empty list.

    `may_add`: it says how to add a course. The step is the address of the form, or "".
    """
    words = i18n.of(language)
    if set(filters.set_values) - {"sort"}:
        return words.CATALOG_EMPTY_TITLE, words.CATALOG_EMPTY_TEXT, ""
    if may_add:
        return words.NO_COURSES_TITLE, words.NO_COURSES_OPERATOR, NEW_COURSE
    return words.NO_COURSES_TITLE, words.NO_COURSES_TEXT, ""


def hint(help_: NothingFits, filters: Filters, path: str, language: str) -> Hint:
    """Return the filter that hides most courses, with the address without it; or an empty hint."""
    if help_.hint is None:
        return Hint()
    names = FIELDS.get(help_.hint.name, (help_.hint.name,))
    texts = [text for name, text in _filter_texts(filters, language) if name in names]
    words = i18n.of(language)
    return Hint(
        text=words.HIDES_MOST.format(filter=", ".join(texts)),
        link=say.counted(help_.hint.count, words.SHOW_WITHOUT, language),
        href=filters.changed(**dict.fromkeys(names, "")).address(path),
    )


def _filter_texts(filters: Filters, language: str) -> Iterator[tuple[str, str]]:
    """Yield the filters that are set, with their words."""
    words = i18n.of(language)
    forms = {
        "q": lambda q: words.CHIP_SEARCH.format(words=q),
        "category": say.capital,
        "level": lambda level: say.level(level, language),
        "day_from": lambda day: words.CHIP_FROM.format(day=_day(day, language)),
        "day_to": lambda day: words.CHIP_TO.format(day=_day(day, language)),
        "price": lambda price: price_words(price, language),
        "where": lambda where: words.WHERE[where],
        "available": lambda _: words.CHIP_AVAILABLE,
        "series": lambda _: words.CHIP_SERIES,
    }
    for name in CHIPS:
        value = getattr(filters, name)
        if value:
            yield name, str(forms[name](value))
    for declared, field_value in filters.field_values:
        yield declared.name, course_fields.filter_words(declared, field_value, language)


def _day(text: str, language: str) -> str:
    day = date.fromisoformat(text)
    return say.day(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), "UTC", language)
