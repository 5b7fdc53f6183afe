"""The weight of a first visit: no Emotion, no styles made at run time, no second load."""

import re
from fnmatch import fnmatchcase

import pytest
import reflex as rx

from coursebook.ui import layout
from coursebook.ui.build import bundle_size, console
from coursebook.ui.i18n import page_texts
from coursebook.ui.page import Page
from coursebook.ui.pages import SITE
from coursebook.ui.reflex_compat import bundle
from coursebook.ui.reflex_compat.component_tree import page_file
from coursebook.ui.ssr import loaders
from coursebook.ui.ssr_recording import note, note_shown, recording
from tests.support.documents import ROOT
from tests.ui.generated import generated
from tests.ui.page_builds import drawn

VITE = """resolve: {
    alias: [
      { find: "$" },
    ],
  output: {
          groups: [
            { test: /env.json/ },
          ],
"""


def test_emotion_gives_way_to_our_few_lines():
    changed = bundle_size.lighter(VITE)
    assert 'find: "@emotion/react"' in changed
    assert 'new URL("./utils/light/element.js", import.meta.url)' in changed
    assert 'name: "base"' in changed
    assert 'find: "$"' in changed


def test_no_page_of_students_loads_the_styles_and_icons_of_the_console():
    sheet = console.without_console(generated(bundle.TAILWIND_CSS))
    assert f'@source not "{console.COMPONENTS}";' in sheet
    patterns = re.findall(r'@source not "\.\./app/routes/(.+)";', sheet)
    theirs = {page_file(page.route) for page in console.console_pages(SITE)}
    left_out = {
        page_file(page.route)
        for page in SITE.pages
        if any(fnmatchcase(page_file(page.route), pattern) for pattern in patterns)
    }
    assert left_out == theirs
    assert "[manage].[courses]._index.jsx" in theirs
    icons = console.console_icons(SITE)
    assert {"pencil", "archive"} <= icons
    assert not {"calendar", "map-pin", "circle-check", "info"} & icons
    changed = bundle_size.lighter(VITE, console_icons=icons)
    base = re.search(r"test: /(.*)/,\n +name: \"base\"", changed)
    assert base is not None
    path = "node_modules/lucide-react/dist/esm/icons/{}.mjs"
    assert re.search(base[1], path.format("calendar"))
    assert not re.search(base[1], path.format("pencil"))
    assert 'import "./console.css";' in page_texts.manage_module()


def test_a_dark_preview_has_every_dark_colour_of_our_theme():
    theme = (ROOT / "assets" / "theme.css").read_text()
    _, _, dark = theme.partition("prefers-color-scheme: dark")
    tokens = re.findall(r"--[\w-]+: [^;]+;", dark[: dark.index("}")])
    assert len(tokens) > 15
    rule = console.dark_rule()
    assert [token for token in tokens if token not in rule] == []
    assert rule.startswith('[data-scheme="dark"] {')
    assert rule in console.sheet()


def test_no_module_is_handed_out_whole():
    changed = bundle.WITHOUT_WHOLE_MODULES.apply(generated("app/root.jsx"))
    assert "__reflex" not in changed
    assert "return jsx(ThemeProvider, {" in changed


def test_no_script_chooses_colours():
    changed = bundle.WITHOUT_COLOUR_SCRIPT.apply(generated("app/_document.js"))
    assert "localStorage" not in changed
    assert 'jsx("head"' in changed


@pytest.mark.parametrize("page", SITE.pages, ids=lambda page: page.route)
def test_no_element_of_a_page_makes_a_style_at_run_time(page: Page):
    assert "css:" not in drawn(page)


def test_no_element_around_the_pages_makes_a_style_at_run_time():
    wraps = rx.fragment(layout.messages_wrap(_is_stateful=True), *layout.head())
    assert "css:" not in str(wraps.render())


def test_what_a_page_reads_is_heard_only_where_somebody_listens():
    course = object()
    note(course)
    note_shown(["a"])
    with recording() as requests_sent:
        note(course, course)
        note_shown(["b", "c"])
    note(course)
    note_shown(["d"])
    assert (requests_sent.courses, requests_sent.shown) == ([course, course], ["b", "c"])


def test_a_tree_in_which_nothing_happened_is_made_once():
    assert loaders._fresh() is loaders._fresh()
