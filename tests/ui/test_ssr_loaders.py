"""The data in a rendered page: the live catalog and course, no personal data."""

import json

import pytest

from coursebook.coursebook import app
from coursebook.persistence.unit_of_work import writing
from coursebook.ui.reflex_compat.hydration import ROOT_STATE
from coursebook.ui.reflex_compat.state_tree import ROUTER_VARS_PREFIX, VAR_MARKER
from coursebook.ui.ssr.loaders import PageRequest, load, page_request
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.session import SessionState
from tests.support.harness import OPERATOR, Harness, eur


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/", "", "/"),
        ("/courses", "", "/courses"),
        ("/courses/", "", "/courses"),
        ("/courses", "x=1&level=&q=jazz+night", "/courses?q=jazz+night"),
        ("/courses", "available=true&q=a", "/courses?q=a&available=true"),
        ("/courses", "sort=price&show=24&from=x&q=a", "/courses?q=a&sort=price&show=24"),
        ("/courses", "to=2027-01-02&price=free&x=1&from=", "/courses?to=2027-01-02&price=free"),
        ("/courses/pottery", "utm_source=x", "/courses/pottery"),
        ("/courses/pottery/", "", "/courses/pottery"),
        ("/courses", "q=" + "x" * 2000, None),
        ("/courses/a/b", "", None),
        ("/courses/a.b", "", "/courses/-"),
        ("/courses/café", "", "/courses/-"),
        ("/courses/a\nb", "", "/courses/-"),
        ("/courses/" + "x" * 161, "", "/courses/-"),
        ("/courses/../x", "", None),
        ("/bookings", "", None),
        ("/payment/success", "session_id=cs_1", None),
        ("/assets/a.js", "", None),
    ],
)
def test_only_pages_of_everybody_are_drawn(path: str, query: str, expected: str | None):
    request = page_request(path, query)
    assert (request.url if request else None) == expected


async def test_the_catalog_is_loaded_with_live_courses(harness: Harness):
    course = await harness.course(price=eur(45), capacity=3)
    loaded = await load(app, PageRequest("/courses"))
    state = loaded.state[CatalogState.get_full_name()]
    (row,) = [r for r in state[f"courses{VAR_MARKER}"] if r["title"] == course.title]
    assert loaded.status == 200
    assert (row["price"], row["places"]) == ("€45", "3 places left")
    assert state[f"view_state{VAR_MARKER}"] == "content"
    assert (
        json.loads(loaded.head.partition(">")[2].removesuffix("</script>"))["@type"] == "ItemList"
    )


async def test_the_filters_of_the_address_are_obeyed(harness: Harness):
    course = await harness.course()
    await harness.course()
    loaded = await load(app, PageRequest("/courses", f"q={course.title.replace(' ', '+')}"))
    state = loaded.state[CatalogState.get_full_name()]
    assert [row["title"] for row in state[f"courses{VAR_MARKER}"]] == [course.title]
    assert state[f"filters{VAR_MARKER}"]["q"] == course.title


async def test_a_course_is_loaded_with_its_address(harness: Harness):
    course = await harness.course()
    loaded = await load(app, PageRequest(f"/courses/{course.slug}"))
    state = loaded.state[CourseState.get_full_name()]
    session = loaded.state[SessionState.get_full_name()]
    assert (loaded.status, state[f"title{VAR_MARKER}"]) == (200, course.title)
    assert session[f"canonical{VAR_MARKER}"].endswith(f"/courses/{course.slug}")
    assert loaded.state[ROOT_STATE] == {f"slug{VAR_MARKER}": course.slug}
    assert '"@type":"Course"' in loaded.head


async def test_a_former_slug_is_a_redirect_without_data(harness: Harness):
    course = await harness.course()
    async with writing(harness.services.context.database) as work:
        await work.slug_redirects.keep("a-former-slug", course.id, harness.clock())
    loaded = await load(app, PageRequest("/courses/a-former-slug"))
    assert (loaded.status, loaded.moved_to) == (308, f"/courses/{course.slug}")
    assert (loaded.state, loaded.head) == ({}, "")


async def test_an_unknown_course_is_missing_and_has_no_data(harness: Harness):
    loaded = await load(app, PageRequest("/courses/no-such-course"))
    assert (loaded.status, loaded.head) == (404, "")
    assert loaded.state[CourseState.get_full_name()][f"view_state{VAR_MARKER}"] == "missing"


async def test_what_cannot_be_loaded_is_said_with_the_status_that_asks_to_come_back(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    async def breaks(*_: object) -> None:
        raise ConnectionError("db.internal:5432 refused")

    monkeypatch.setattr(harness.services.catalog, "list_courses", breaks)
    monkeypatch.setattr(harness.services.catalog, "course", breaks)
    for wanted, kind in (
        (PageRequest("/courses"), CatalogState),
        (PageRequest("/courses/a"), CourseState),
    ):
        loaded = await load(app, wanted)
        assert loaded.status == 503
        assert loaded.state[kind.get_full_name()][f"view_state{VAR_MARKER}"] == "error"
        assert "5432" not in json.dumps(loaded.state)


async def test_nothing_of_a_person_is_ever_in_a_drawn_page(harness: Harness):
    course = await harness.course()
    for wanted in (PageRequest("/"), PageRequest(f"/courses/{course.slug}")):
        loaded = await load(app, wanted)
        session = loaded.state[SessionState.get_full_name()]
        assert set(session) <= {f"canonical{VAR_MARKER}", f"share_image{VAR_MARKER}"}
        assert ROUTER_VARS_PREFIX not in json.dumps(loaded.state)


async def test_the_name_on_the_settings_page_is_in_the_texts_and_the_structured_data(
    harness: Harness,
):
    await harness.course()
    assert not (await load(app, PageRequest("/courses"))).words
    owner = await harness.principal(OPERATOR)
    await harness.services.school_profile.patch(owner, {"name": "Atelier Barro"})
    for path in ("/", "/courses"):
        loaded = await load(app, PageRequest(path))
        assert loaded.words == {"BRAND": "Atelier Barro"}
        assert '"provider":{"@type":"Organization","name":"Atelier Barro"' in loaded.head
    await harness.services.school_profile.patch(owner, {"name": ""})
    assert not (await load(app, PageRequest("/courses"))).words
