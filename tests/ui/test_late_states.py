"""The initial values of the console's states: in a module of its pages, in no file of all pages."""

import json

import reflex as rx
from reflex.compiler.utils import _compile_initial_state

from coursebook.ui.build import console
from coursebook.ui.i18n import page_texts
from coursebook.ui.pages import SITE
from coursebook.ui.reflex_compat import late_states
from coursebook.ui.reflex_compat.hydration import ROOT_STATE
from coursebook.ui.reflex_compat.text_patches import CONTEXT_JSX
from coursebook.ui.states.manage.membership.team import TeamState
from coursebook.ui.states.session import SessionState
from tests.ui.generated import generated
from tests.ui.page_builds import drawn

PART = ".coursebook___ui___states___manage___"


def test_the_states_of_the_console_are_in_its_own_module_only() -> None:
    states = _compile_initial_state(rx.State)[1]
    whole = generated(CONTEXT_JSX).replace(
        f'export const initialState = {{"{ROOT_STATE}": {{}}}}',
        f"export const initialState = {states}",
    )
    assert PART in whole
    text = console.without_states(whole)
    assert PART not in text
    kept = json.loads(text.partition("export const initialState = ")[2].partition("\n")[0])
    module = late_states.module(console.STATES_PACKAGE)
    late = json.loads(module.partition("addStates(")[2].rpartition(");")[0])
    assert {**kept, **late} == json.loads(states)
    assert TeamState.get_full_name() in late
    assert SessionState.get_full_name() in kept


def test_only_pages_that_load_the_module_read_those_states() -> None:
    assert 'import "./states.js";' in page_texts.manage_module()
    console_pages = console.console_pages(SITE)
    for page in SITE.pages:
        reads = page.state is not None and page.state.__module__.startswith(console.STATES_PACKAGE)
        assert (PART in drawn(page) or reads) <= (page in console_pages), page.route


def test_the_script_knows_the_names_of_those_states() -> None:
    script = late_states.script(console.STATES_PACKAGE)
    assert f'const LATE = "{PART}";' in script
    assert PART in TeamState.get_full_name()
