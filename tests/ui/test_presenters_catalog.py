"""Presenters of the catalog's filters: options, chips, results and suggestions."""

from dataclasses import replace
from typing import Any

import pytest

from coursebook.services.catalog.courses import MAX_COUNTED, Facets
from coursebook.services.views import CoursePage, NothingFits
from coursebook.services.views import Hint as Reason
from coursebook.ui import i18n
from coursebook.ui.presenters import catalog
from coursebook.ui.presenters.catalog_filters import MAX_COURSES_SHOWN, PAGE_SIZE, Filters
from coursebook.ui.presenters.rows import Hint

FACETS = Facets(("Craft",), ("Beginner", "All levels"), ("eur", "jpy"))
WHOLE = Filters(
    q="clay",
    category="food & drink",
    level="Beginner",
    day_from="2026-12-05",
    day_to="2026-12-31",
    price="50eur",
    where="online",
    available="true",
)


def page(total: int = 0, following: str | None = None) -> CoursePage:
    return CoursePage((), following, total, "")


def test_prices_are_offered_in_every_currency_that_courses_have():
    offered = catalog.prices(FACETS, "", "en")
    assert [choice.value for choice in offered][:3] == ["free", "25eur", "50eur"]
    assert [choice.text for choice in offered][:3] == ["Free", "Up to €25", "Up to €50"]
    assert "Up to ¥5,000" in [choice.text for choice in offered]


def test_a_price_from_an_address_can_be_chosen_too():
    assert catalog.prices(FACETS, "70eur", "en")[-1].text == "Up to €70"
    assert len(catalog.prices(FACETS, "50eur", "en")) == 9


@pytest.mark.parametrize("q", ["", "clay"])
def test_every_order_has_a_word_and_the_usual_one_no_name(q: str):
    offered = catalog.sorts(Filters(q=q), "en")
    assert offered[0].value == ""
    assert offered[0].text == ("Best match" if q else "Soonest first")
    assert len({choice.value for choice in offered}) == len(offered) == (5 if q else 4)


@pytest.mark.parametrize(
    ("filters", "currencies", "is_said"),
    [
        (Filters(sort="price"), ("eur", "jpy"), True),
        (Filters(sort="price_down", price="50eur"), ("eur", "jpy"), False),
        (Filters(sort="price", price="free"), ("eur", "jpy"), False),
        (Filters(sort="price"), ("eur",), False),
        (Filters(), ("eur", "jpy"), False),
    ],
)
def test_an_order_by_price_says_that_it_does_not_convert(
    filters: Filters, currencies: tuple[str, ...], is_said: bool
):
    facets = Facets((), (), currencies)
    assert bool(catalog.order_note(facets, filters, "en")) == is_said


def test_each_chip_takes_off_one_filter():
    chips = catalog.chips(WHOLE, "/courses", "en")
    assert [chip.text for chip in chips] == [
        "“clay”",
        "Food & drink",
        "Beginner",
        "From Sat 5 Dec 2026",
        "Until Thu 31 Dec 2026",
        "Up to €50",
        "Online",
        "Places left",
    ]
    assert chips[2].label == "Remove filter: Beginner"
    assert chips[2].href == f"/courses?{WHOLE.changed(level='').query}"
    assert len({chip.href for chip in chips}) == len(chips)


def test_many_courses_are_only_said_to_be_many():
    assert catalog.count_words(page(1), Filters(), "en") == "1 course"
    assert catalog.count_words(page(MAX_COUNTED + 1), Filters(), "en") == "More than 500 courses"


def test_which_of_many_courses_are_shown_is_said_when_somebody_asked_for_more():
    def said(filters: Filters, shown: int, total: int = 91) -> str:
        items: Any = ("course",) * shown
        return catalog.count_words(replace(page(total), items=items), filters, "en")

    assert said(Filters(), 12) == "91 courses"
    assert said(Filters(show="24"), 24) == "Courses 1–24 of 91"
    assert said(Filters(after="C", at="60"), 12) == "Courses 61–72 of 91"
    assert said(Filters(after="C"), 12) == "91 courses", "the number of earlier results is unknown"
    assert said(Filters(after="C", at="9000"), 12) == "91 courses", "a URL can contain anything"


def test_more_courses_stand_below_until_the_page_is_long_then_on_the_next():
    first = catalog.more(page(99, "CURSOR"), Filters(q="a"), "/courses")
    assert first == f"/courses?q=a&show={2 * PAGE_SIZE}"
    longest = Filters(q="a", show=str(MAX_COURSES_SHOWN))
    assert catalog.more(page(99, "CURSOR"), longest, "/courses") == (
        "/courses?q=a&after=CURSOR&at=60"
    )
    further = Filters(q="a", show=str(MAX_COURSES_SHOWN), after="CURSOR", at="60")
    assert catalog.more(page(99, "NEXT"), further, "/courses") == ("/courses?q=a&after=NEXT&at=120")
    assert catalog.more(page(99), Filters(), "/courses") == ""


def test_the_filter_that_hides_most_is_named_and_can_be_taken_off():
    said = catalog.hint(NothingFits(Reason("days", 3), ()), WHOLE, "/", "en")
    assert said.text == (
        "The filter that hides most is “From Sat 5 Dec 2026, Until Thu 31 Dec 2026”."
    )
    assert said.link == "Show 3 courses without it"
    assert said.href == f"/?{WHOLE.changed(day_from='', day_to='').query}"
    assert catalog.hint(NothingFits(None, ()), WHOLE, "/", "en") == Hint()


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_filter_has_words_in_every_language(language: str):
    for chip in catalog.chips(WHOLE, "/", language):
        assert chip.text in chip.label
