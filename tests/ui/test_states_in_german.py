"""Messages of states are in the language of the visitor's page."""

import asyncio
from typing import Any

import pytest
from reflex.istate.manager.memory import StateManagerMemory
from reflex_base.event.context import EventContext

from coursebook.coursebook import app
from coursebook.domain.money import Money
from coursebook.domain.terms import STANDARD, Terms, TermStep
from coursebook.errors import CourseFull
from coursebook.services.presenters import terms_view
from coursebook.services.views import CourseDetailView
from coursebook.ui import errors, i18n
from coursebook.ui.presenters import courses_and_bookings
from coursebook.ui.reflex_compat.state_tree import VAR_MARKER
from coursebook.ui.ssr.loaders import PageRequest, load
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services
from tests.support.harness import Harness
from tests.ui.tabs import Tab

GERMAN = "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7"
NBSP = "\N{NO-BREAK SPACE}"


async def test_a_german_tab_gets_german_rows_and_refusals(harness: Harness):
    course = await harness.course(price=Money(4550, "eur"), capacity=1)
    tab = Tab(f"/courses/{course.slug}", GERMAN)
    await tab.fire(CourseState.page_opened)
    state = await tab.state(CourseState)
    assert (state.course.price, state.course.places) == (f"45,50{NBSP}€", "1 Platz frei")
    assert state.course.hours.endswith(" Uhr, Ortszeit Lissabon")
    assert state.course.terms.startswith("Wenn Sie absagen: 100 % zurück bis 14 Tage vor Beginn")
    assert (await told_about(CourseFull())).startswith("Alle Plätze in diesem Kurs sind vergeben.")


async def test_a_surprise_is_told_in_german_with_its_number():
    text = await told_about(RuntimeError("db.internal refused"))
    assert text.startswith("Bei uns ist etwas schiefgegangen.")
    assert text.split()[-1].strip(".").isalnum()


async def told_about(problem: Exception) -> str:
    """Return the message of a German tab about a failure in one of its handlers."""
    told: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def emit_delta(_token: str, delta: Any) -> None:
        told.set_result(delta)

    place = {"headers": {"accept-language": GERMAN}}

    async def enqueue(*_: Any) -> list[Any]:
        raise AssertionError("a failure is never answered with an event")

    context = EventContext(
        token="t",
        state_manager=StateManagerMemory(),
        enqueue_impl=enqueue,
        emit_delta_impl=emit_delta,
        router_data=place,
    )
    before = EventContext.set(context)
    try:
        assert errors.show_backend_error(problem) is None
        changed = await asyncio.wait_for(told, 5)
    finally:
        EventContext.reset(before)
    return str(changed[SessionState.get_full_name()][f"session_notice{VAR_MARKER}"]["text"])


async def test_a_page_is_loaded_for_drawing_in_its_language(harness: Harness):
    course = await harness.course(price=Money(4500, "eur"))
    for language, price in (("de", f"45{NBSP}€"), ("en", "€45")):
        loaded = await load(
            app, PageRequest("/courses", f"q={course.title.replace(' ', '+')}", language)
        )
        rows = loaded.state[CatalogState.get_full_name()][f"courses{VAR_MARKER}"]
        assert price in {row["price"] for row in rows}


@pytest.mark.parametrize(
    "terms",
    [
        Terms(),
        STANDARD,
        Terms((TermStep(24, 100),)),
        Terms((TermStep(5, 80), TermStep(1, 40), TermStep(0, 10))),
        Terms((TermStep(0, 0),)),
    ],
)
async def test_the_terms_in_english_are_those_of_the_contract(harness: Harness, terms: Terms):
    course = await harness.course()
    view = await services().catalog.course(course.slug)
    for is_free in (False, True):
        view_of_terms = terms_view(terms, view.starts_at, is_free=is_free)
        price = type(view.price)(0 if is_free else 4500, "eur")
        shown = CourseDetailView(**{**vars(view), "terms": view_of_terms, "price": price})
        assert courses_and_bookings.terms(shown, "en") == view_of_terms.sentence
        assert courses_and_bookings.terms(shown, "de") != view_of_terms.sentence


async def test_a_visitor_whose_language_we_lack_reads_english(harness: Harness):
    tab = Tab("/courses", "zz-ZZ,zz;q=0.9")
    await tab.fire(CatalogState.page_opened)
    state = await tab.state(CatalogState)
    assert state._language() == i18n.ENGLISH
    assert "course" in state.count
