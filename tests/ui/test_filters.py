"""The query of the catalog's URL: parsed leniently, written in one order."""

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.services.catalog.course_query import CourseQuery
from coursebook.ui.presenters.catalog_filters import Filters, filters_of, price_of

WHOLE = (
    "q=clay+bowls&category=Food+%26+drink&level=Beginner&from=2026-12-01&to=2026-12-31"
    "&price=50eur&where=online&available=true&sort=price_down&show=24&after=abc"
)
KEYS = [key for key, _ in parse_qsl(WHOLE)]
TEXT = st.text(max_size=60)


def read(query: str) -> tuple[Filters, bool]:
    return filters_of(dict(parse_qsl(query)))


def test_a_whole_query_is_read_and_written_back():
    filters, is_mended = read(WHOLE)
    assert filters.address("/courses") == f"/courses?{WHOLE}"
    assert not is_mended
    assert filters.to_query() == CourseQuery(
        q="clay bowls",
        category="Food & drink",
        level="Beginner",
        day_from=date(2026, 12, 1),
        day_to=date(2026, 12, 31),
        price_max=5000,
        currency="eur",
        is_online=True,
        available=True,
        is_grouped=True,
        sort="price_down",
        limit=24,
        cursor="abc",
    )


def test_the_order_of_an_address_does_not_matter_and_strangers_are_left_out():
    turned = "&".join(reversed(WHOLE.split("&")))
    assert read(f"{turned}&utm_source=x&page=7")[0].query == WHOLE


def test_nothing_asked_for_is_the_plain_address():
    filters, is_mended = read("q=&category=&level=&price=&where=&available=false&sort=&from=")
    assert (filters.address("/"), is_mended) == ("/", False)


@pytest.mark.parametrize(
    "wrong",
    [
        *("from=tomorrow", "from=2026-13-01", "to=2026-02-30", "from=20261201", "to=0000-00-00"),
        *("price=50", "price=eur50", "price=50xyz", "price=0eur", "price=-5eur", "price=5.5eur"),
        *("price=999999eur%00", "price=999999eur99", "where=moon", "available=yes"),
        *("sort=popularity", "sort=title", "show=12", "show=13", "show=72", "show=x", "show=-24"),
        *("show=%D9%A2%D9%A4", "q=" + "x" * 201, "category=%00", "level=" + "y" * 31),
    ],
)
def test_what_makes_no_sense_is_left_out_with_a_word(wrong: str):
    assert read(f"{wrong}&level2=1") == (Filters(), True)


def test_days_the_wrong_way_round_are_turned():
    filters, is_mended = read("from=2026-12-31&to=2026-12-01")
    assert (filters.day_from, filters.day_to, is_mended) == ("2026-12-01", "2026-12-31", False)


def test_the_usual_order_has_no_name_in_the_address():
    assert read("sort=starts_at")[0].query == ""
    assert read("sort=relevance")[0].query == ""
    assert read("q=clay&sort=relevance")[0].query == "q=clay"
    assert read("q=clay&sort=starts_at")[0].query == "q=clay&sort=starts_at"
    assert (read("")[0].order, read("q=clay")[0].order) == ("starts_at", "relevance")


def test_a_change_leads_to_the_first_page_and_keeps_the_rest():
    filters, _ = read("q=clay&sort=starts_at&show=36&after=x")
    assert filters.changed(level="Beginner").query == "q=clay&level=Beginner&sort=starts_at"
    assert filters.changed(q="").query == ""
    assert filters.changed(day_from="nonsense").query == "q=clay&sort=starts_at"


@pytest.mark.parametrize(
    ("price", "meant"),
    [("free", ("", 0)), ("50eur", ("eur", 5000)), ("3000jpy", ("jpy", 3000)), ("", ("", None))],
)
def test_a_price_is_in_whole_units_of_its_currency(price: str, meant: tuple[str, int | None]):
    assert price_of(price) == meant


@given(st.dictionaries(st.sampled_from(KEYS), TEXT | st.integers() | st.none()))
def test_whatever_an_address_holds_it_is_read_and_reading_it_again_changes_nothing(given_: dict):
    filters, _ = filters_of(given_)
    filters.to_query()
    assert read(filters.query) == (filters, False)
