"""All pages compile, and none contains forbidden code."""

import re
from pathlib import Path

import pytest
import reflex as rx

from coursebook import ui
from coursebook.coursebook import app as whole_app
from coursebook.errors import CourseFull
from coursebook.ui import errors, pages
from coursebook.ui.states.error_messages import sentence_of

FOLDER = Path(ui.__file__).parent
FORBIDDEN = re.compile(
    r"rx\.(button|text|heading|link|card|box|flex|markdown|html|upload|call_script|toast"
    r"|console_log|dynamic)\b"
)


@pytest.fixture(scope="module")
def app() -> rx.App:
    whole_app._compile(dry_run=True, use_rich=False)
    return whole_app


def test_every_declared_page_is_compiled_and_no_other(app: rx.App):
    routes = {page.route.strip("/") or "index" for page in pages.SITE.pages}
    assert {"index", "courses/[slug]", "bookings", "404"} < routes
    assert set(app._pages) == routes


def test_no_page_brings_radix_themes_or_another_heavy_library(app: rx.App):
    libraries = {lib for page in app._pages.values() for lib in page._get_all_imports()}
    assert not [lib for lib in libraries if "@radix-ui" in lib or "sonner" in lib]
    others = {lib for lib in libraries if not lib.startswith("$/public/external/coursebook/")}
    assert not [lib for lib in others if "markdown" in lib or "katex" in lib]


def test_the_crash_page_shows_no_stack_trace_and_no_foreign_address():
    drawn = str(errors.boundary_wrap(is_stateful=True).render())
    assert "words.CRASH_TITLE" in drawn
    assert "error.stack" not in _fallback(drawn)
    assert "reflex.dev" not in drawn


def test_no_class_strings_outside_the_kit():
    for path in _sources("pages", "components"):
        assert 'class_name="' not in path.read_text(), path


def test_no_page_uses_what_would_bring_weight_or_scripts():
    for path in _sources("."):
        assert not FORBIDDEN.search(path.read_text()), path


def test_a_surprise_becomes_a_number_and_a_refusal_stays_what_it_is():
    assert "db.internal" not in sentence_of(RuntimeError("db.internal refused"), "en")
    assert sentence_of(CourseFull(), "en") == CourseFull.sentence


def test_every_module_of_the_pages_declares_one_that_is_listed():
    modules = {p.stem for p in (FOLDER / "pages").rglob("*.py")} - {"__init__"}
    assert modules == {page.build.__module__.rsplit(".", 1)[-1] for page in pages.OWN}


def _fallback(drawn: str) -> str:
    return drawn.split("fallbackRender", 1)[-1].split("onError", 1)[0]


def _sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in (FOLDER / folder).rglob("*.py")]
