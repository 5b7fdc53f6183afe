"""What follows from the declaration of a page."""

import dataclasses
from typing import Any

import pytest
import reflex as rx

from coursebook.coursebook import app
from coursebook.http_security.page_sources import PageSources
from coursebook.ui import i18n, layout
from coursebook.ui.build import same_origin
from coursebook.ui.page import NO_VALUE, Page, PageError, Site
from coursebook.ui.pages import SITE
from coursebook.ui.pages.catalog import PAGE as CATALOG
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.payment import PaymentState
from coursebook.ui.states.session import SessionState


def a_page(route: str, **more: Any) -> Page:
    return Page(**{"route": route, "build": rx.fragment, "title": "About", **more})


@pytest.mark.parametrize(
    "route", ["about", "", "/a b", "/a/", "//", "/[a-b]", "/x/[", "/ä", "/[A]"]
)
def test_a_route_that_cannot_be_one_is_refused_by_name(route: str):
    with pytest.raises(PageError, match="is not of the form /name or"):
        a_page(route)


def test_two_pages_cannot_have_one_route():
    with pytest.raises(PageError, match="Two pages have the route /about"):
        Site((a_page("/about"), a_page("/about")))


def test_a_state_that_cannot_load_its_page_is_refused_by_name():
    with pytest.raises(PageError, match=r"/about has the state SessionState, .* page_opened"):
        a_page("/about", state=SessionState)


def test_a_public_page_is_loaded_by_a_plain_handler():
    assert a_page("/about", state=CatalogState).loads_with is CatalogState.page_opened
    with pytest.raises(PageError, match="is a background event"):
        a_page("/about", state=PaymentState)


def test_parameters_are_read_from_the_path_and_strange_ones_are_missing():
    page = a_page("/teachers/[name]")
    assert page.values_of("/teachers/ines") == {"name": "ines"}
    assert page.values_of("/teachers/a.b") == {"name": NO_VALUE}
    assert page.values_of("/teachers/a/b") is None
    assert page.values_of("/teachers") is None
    assert (page.sample, page.prefix) == ("/teachers/x", "/teachers/")


def test_a_page_without_parameters_comes_first():
    exact = a_page("/teachers/all")
    site = Site((a_page("/teachers/[name]"), exact))
    found = site.find("/teachers/all", is_public=True)
    assert found == (exact, {})


def test_the_navigation_has_the_pages_that_have_an_entry():
    assert [page.route for page in layout.navigation] == ["/courses", "/bookings"]
    drawn = str(layout._navigation().render())
    assert drawn.index('to:"/courses"') < drawn.index('to:"/bookings"')


def _tags(page: Page) -> str:
    registered = app._unevaluated_pages[page.route.strip("/") or "index"]
    return " ".join(str(tag.render()) for tag in registered.meta)


@pytest.mark.parametrize("page", SITE.pages, ids=lambda page: page.route)
def test_public_pages_have_previews_and_private_ones_are_kept_from_search_engines(page: Page):
    assert ("og:title" in _tags(page)) is page.is_public
    assert ("noindex" in _tags(page)) is not page.is_public
    path = page.prefix
    assert (path in SITE.private_paths) is (not page.is_public and path != "404")


def test_the_title_has_the_name_of_the_school():
    first, second = dataclasses.replace(CATALOG, route="/"), CATALOG
    assert str(first.whole_title) == f"{i18n.BRAND} · {CATALOG.title}"
    assert str(second.whole_title) == f"{CATALOG.title} · {i18n.BRAND}"


def test_all_states_of_pages_start_anew_on_load():
    assert CatalogState in SITE.states
    assert SessionState not in SITE.states


def test_browsers_are_told_which_pages_have_a_policy_of_their_own():
    video = PageSources(frames=("https://video.example.org",))
    site = Site((a_page("/about"), a_page("/films/[name]", sources=video)))
    module = same_origin.policies_module(site)
    assert '"^/films/[^/]+/?$"' in module
    assert "video.example.org" in module
    assert "about" not in module
    own = same_origin.policies_module(SITE)
    assert 'const OWN = [["^/manage/check-in/[^/]+/?$", "{} camera"]];' in own
    assert site.sources_of("/films/clay/") == video
    assert not site.sources_of("/about")
    assert not site.sources_of("/nowhere")
