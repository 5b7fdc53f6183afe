"""Ordinary Reflex on the page of an extension: what is noticed, and what cannot work."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import reflex as rx
from reflex_components_radix.themes.base import RadixThemesComponent

from coursebook.coursebook import app
from coursebook.http_security.content_policy import ContentPolicy
from coursebook.ui import kit, layout
from coursebook.ui.build import bundle_size
from coursebook.ui.build.styled_pages import StyledPages, styled_files
from coursebook.ui.components.styled_pages import RadixStyles, draw
from coursebook.ui.page import Page, PageError, Site
from coursebook.ui.pages import OWN
from coursebook.ui.reflex_compat import component_tree
from tests.ui.generated import generated
from tests.ui.test_page_weight import VITE

Build = Callable[[], rx.Component]
HERE = Path(__file__).relative_to(Path.cwd())


class ChoiceState(rx.State):
    """A state with a text and a component."""

    colour: str = "red"
    drawn: rx.Component = rx.fragment()


@rx.memo
def remembered() -> rx.Component:
    """Return a part of a page that Reflex puts into a file of its own."""
    return rx.badge("new")


def extension_page(build: Build, route: str = "/numbers") -> Page:
    return Page(route=route, build=build, title="Numbers")


def with_radix() -> rx.Component:
    return layout.page(rx.text("hello"), rx.el.b("red", color="red"))


STYLED: dict[str, tuple[Build, str]] = {
    "a component of Radix": (lambda: rx.text("hello"), "Text"),
    "a chart": (lambda: rx.recharts.bar_chart(data=[]), "BarChart"),
    "a grid": (lambda: rx.data_editor(columns=[], data=[]), "DataEditor"),
    "a style": (
        lambda: rx.el.p("x", color="red", _hover={"color": "blue"}),
        "p with _hover, color",
    ),
    "a style of a state": (lambda: rx.el.p("x", color=ChoiceState.colour), "p with color"),
    "a styled part of the kit": (lambda: kit.stack(rx.el.p("x", margin="1em")), "p with margin"),
    "in one case": (lambda: rx.cond(ChoiceState.colour == "red", rx.badge("x")), "Badge"),
    "in a list": (lambda: rx.foreach([1, 2], rx.text), "Text"),
    "in a memo": (remembered, "Badge"),
}


@pytest.mark.parametrize("what", STYLED)
def test_what_needs_styles_at_run_time_is_noticed_and_named(what: str):
    build, name = STYLED[what]
    page = extension_page(lambda: rx.fragment(build()))
    assert name in page.drawing.styled
    policy = ContentPolicy("http://localhost:3000", "http://localhost:3001", is_clerk=False)
    assert "style-src 'self' 'unsafe-inline'" in policy.page([], page.all_sources)
    assert page.all_sources.directives == {"style-src": "'unsafe-inline'", "font-src": "data:"}


def test_a_page_of_our_parts_stays_as_light_and_strict_as_ours():
    page = extension_page(lambda: layout.page(kit.page_title("Plain"), rx.icon("calendar")))
    assert (page.drawing.styled, page.drawing.has_radix) == ((), False)
    assert not page.all_sources
    assert not Site((page,)).with_sources
    assert styled_files(Site((page,))) == ""


@pytest.mark.parametrize("page", OWN, ids=lambda page: page.route)
def test_our_own_pages_have_nothing_of_it(page: Page):
    assert page.drawing is None
    assert draw(page.build, page.route).styled == ()


def test_only_its_own_page_gets_radix_and_only_once():
    page, plain = extension_page(with_radix), extension_page(rx.fragment, "/plain")
    tree = list(component_tree.every_component(page.drawing.placed))
    assert sum(isinstance(part, RadixStyles) for part in tree) == 1
    assert isinstance(next(p for p in tree if p.tag == "Theme"), RadixThemesComponent)
    assert not any(isinstance(p, RadixStyles) for p in [plain.drawing.placed])
    assert StyledPages().get_stylesheet_paths() == ()


def test_what_would_stand_around_all_pages_stands_around_this_one():
    grid = extension_page(lambda: rx.fragment(rx.data_editor(columns=[], data=[])))
    assert 'id:"portal"' in str(grid.drawing.placed.render())
    page = extension_page(with_radix)
    assert "RadixThemesColorModeProvider" in str(page.drawing.placed.render())


def test_a_page_whose_click_shows_a_toast_gets_what_shows_it():
    toast = extension_page(lambda: rx.el.button("x", on_click=rx.toast("hello")))
    assert "Toaster" in toast.drawing.styled
    assert "Toaster" in str(toast.drawing.placed.render())
    own = extension_page(
        lambda: rx.fragment(
            rx.el.button("x", on_click=rx.toast.info("hello")),
            rx.toast.provider(position="top-center"),
        )
    )
    tree = component_tree.every_component(own.drawing.placed)
    assert sum(part.tag == "Toaster" for part in tree) == 1
    assert extension_page(lambda: rx.el.button("x")).drawing.styled == ()


def test_the_grid_gets_a_package_that_reflex_does_not_name():
    grid = extension_page(lambda: rx.fragment(rx.data_editor(columns=[], data=[])))
    assert "marked@4.3.0" in grid.drawing.placed._get_all_imports()
    assert "marked@4.3.0" not in extension_page(with_radix).drawing.placed._get_all_imports()


def test_emotion_is_bundled_for_the_files_of_such_pages_only(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(with_radix, "__module__", "coursebook_school.free")
    site = Site((extension_page(with_radix), extension_page(rx.fragment, "/plain"), *OWN))
    importers = re.compile(styled_files(site))
    web = "/srv/.web/"
    for file in (
        "app/routes/[numbers]._index.jsx",
        "app_components/coursebook_school/free/index.jsx",
        "app_components/coursebook_school/free/parts.jsx",
        "node_modules/some-kit/dist/index.js",
    ):
        assert importers.search(web + file)
    for file in (
        "app/routes/[courses]._index.jsx",
        "app/routes/[plain]._index.jsx",
        "app/root.jsx",
        "app_components/coursebook_school/teachers/index.jsx",
        "app_components/coursebook_school/free_days/index.jsx",
        "app_components/coursebook/ui/pages/catalog.jsx",
        "utils/components/thing.jsx",
    ):
        assert not importers.search(web + file)
    assert "if (/node_modules|" in bundle_size.lighter(
        generated("vite.config.js"), importers.pattern
    )
    assert 'find: "@emotion/react"' in bundle_size.lighter(VITE)


def test_what_every_page_loads_does_not_grow_by_packages_of_one():
    base = re.compile("|".join(bundle_size.EVERYWHERE))
    modules = "/srv/.web/node_modules/"
    for package in ("react/index.js", "react-dom/client.js", "react-router/dist/x.mjs"):
        assert base.search(modules + package)
    assert base.search("/srv/.web/utils/state.js")
    for package in (
        "react-redux/dist/x.mjs",
        "react-remove-scroll/dist/x.js",
        "@radix-ui/react-dialog/dist/index.mjs",
        "@emotion/utils/dist/x.js",
        "es-toolkit/dist/utils/x.js",
    ):
        assert not base.search(modules + package)


CANNOT: dict[str, tuple[Build, str]] = {
    "files": (
        lambda: rx.upload(rx.el.p("x")),
        (
            "StyledUpload cannot work on the page /numbers, since the product takes no files from "
            "a browser; link to a place that does instead."
        ),
    ),
    "a switch of colours": (
        rx.color_mode.button,
        (
            "IconButton cannot work on the page /numbers, since pages have the colours that a "
            "visitor's system is set to; leave it out."
        ),
    ),
    "a component that the server sends": (
        lambda: rx.el.div(ChoiceState.drawn),
        (
            "a component in a state cannot work on the page /numbers, since the policy forbids "
            "scripts to evaluate text; choose between components with rx.cond or rx.match."
        ),
    ),
    "a property that there is not": (
        lambda: rx.table.root(on_foo=ChoiceState.reset),
        (
            "the page /numbers cannot be built: The TableRoot does not take in an `on_foo` event "
            "trigger."
        ),
    ),
    "a mistake": (
        lambda: rx.text("hello").foo,
        "the page /numbers cannot be built: 'Text' object has no attribute 'foo'.",
    ),
}


@pytest.mark.parametrize("what", CANNOT)
def test_what_cannot_work_is_one_sentence_with_file_line_and_the_way_out(what: str):
    build, sentence = CANNOT[what]
    with pytest.raises(PageError) as caught:
        _ = extension_page(lambda: rx.fragment(build())).drawing
    place, _colon, rest = str(caught.value).partition(": ")
    assert rest == sentence
    assert re.fullmatch(rf"{re.escape(str(HERE))}, line \d+", place)
    line = int(place.rpartition(" ")[2])
    source = Path(__file__).read_text(encoding="utf-8").splitlines()[line - 1]
    assert "rx." in source or "build()" in source


def test_a_script_of_another_site_is_refused():
    class Elsewhere(rx.Component):
        library = "https://cdn.example.org/thing.js"
        tag = "Thing"

    with pytest.raises(PageError, match=r"Elsewhere cannot work .* name its npm package instead"):
        _ = extension_page(lambda: rx.fragment(Elsewhere.create())).drawing


def test_a_page_returns_one_component():
    with pytest.raises(PageError, match=r"returns list; put several into rx\.fragment"):
        _ = extension_page(lambda: [rx.text("a"), rx.text("b")]).drawing


def test_components_are_made_as_before_when_a_page_was_looked_through():
    before = rx.Component._post_init
    with pytest.raises(PageError):
        _ = extension_page(lambda: rx.text("x").foo).drawing
    assert rx.Component._post_init is before
    assert app is not None
