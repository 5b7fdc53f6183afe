"""Dashboard lists: every row is on exactly one page, in both directions."""

from urllib.parse import urlsplit

import pytest
from starlette.requests import Request

from coursebook.sandbox.dashboard.lists import ROWS, listed
from coursebook.sandbox.store import Filter, Store


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "sandbox.db")
    yield opened
    opened.close()


def filled(store, count, **others):
    for number in range(count):
        store.put("thing", f"thing_{number:03}", {"id": f"thing_{number:03}"}, **others)


def asked(address="/things"):
    parts = urlsplit(address)
    scope = {"type": "http", "method": "GET", "path": parts.path, "headers": []}
    return Request({**scope, "query_string": parts.query.encode(), "server": ("localhost", 80)})


def pages(store, address, way, only=None):
    found = []
    while address:
        page = listed(store, "thing", asked(address), only)
        found.append(page)
        address = getattr(page, way)
    return found


def ids(page):
    return [row["id"] for row in page.rows]


@pytest.mark.parametrize("count", [0, 1, ROWS, ROWS + 1, 3 * ROWS, 3 * ROWS + 1])
def test_leafing_to_the_older_ones_shows_every_row_once(store, count):
    filled(store, count)
    seen = [key for page in pages(store, "/things", "older") for key in ids(page)]
    assert seen == [f"thing_{number:03}" for number in reversed(range(count))]


@pytest.mark.parametrize("count", [ROWS + 1, 3 * ROWS, 3 * ROWS + 1])
def test_leafing_back_ends_on_the_first_page_with_its_full_number_of_rows(store, count):
    filled(store, count)
    last = pages(store, "/things", "older")[-1]
    back = pages(store, last.newer, "newer")
    assert ids(back[-1]) == ids(listed(store, "thing", asked()))
    assert back[-1].newer == ""
    assert back[-1].older


def test_what_was_asked_for_stays_in_the_addresses(store):
    filled(store, ROWS + 1)
    first = listed(store, "thing", asked("/things?status=open&done=refund"))
    assert first.older.startswith("/things?status=open&before=thing_")


def test_only_rows_that_fit_are_counted(store):
    filled(store, ROWS, status="open")
    store.put("thing", "closed", {"id": "closed"}, status="closed")
    page = listed(store, "thing", asked(), Filter(status="open"))
    assert len(page.rows) == ROWS
    assert page.older == ""


@pytest.mark.parametrize("query", ["before=nobody", "after=nobody", "before=&after=", "before=%00"])
def test_a_cursor_that_nobody_has_is_as_good_as_none(store, query):
    filled(store, ROWS + 5)
    assert ids(listed(store, "thing", asked(f"/things?{query}"))) == ids(
        listed(store, "thing", asked())
    )
