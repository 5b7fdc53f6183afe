"""What keeps a first visit light: no Emotion, no styles made at run time, no second reading."""

import pytest
import reflex as rx

from coursebook.coursebook import app
from coursebook.ui import layout, light_plugin
from coursebook.ui.ssr import loaders
from coursebook.ui.states.noted import listening, note

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
    changed = light_plugin.lighter(VITE)
    assert 'find: "@emotion/react"' in changed
    assert 'new URL("./utils/element.js", import.meta.url)' in changed
    assert 'name: "icons"' in changed
    assert 'find: "$"' in changed


def test_another_version_of_reflex_stops_the_build():
    with pytest.raises(RuntimeError, match="no longer has the line we patch"):
        light_plugin.lighter(VITE.replace("alias: [", "alias: {"))


@pytest.mark.parametrize("route", list(app._unevaluated_pages))
def test_no_element_of_a_page_makes_a_style_at_run_time(route: str):
    drawn = app._unevaluated_pages[route].component()
    assert "css:" not in str(drawn.render())


def test_no_element_around_the_pages_makes_a_style_at_run_time():
    wraps = rx.fragment(layout.messages_wrap(_is_stateful=True), *layout.head())
    assert "css:" not in str(wraps.render())


def test_what_a_page_reads_is_heard_only_where_somebody_listens():
    course = object()
    note(course)
    with listening() as heard:
        note(course, course)
    note(course)
    assert heard == [course, course]


def test_a_tree_in_which_nothing_happened_is_made_once():
    assert loaders._fresh() is loaders._fresh()
