"""Every event handler is a public endpoint: the list of handlers, and hostile arguments."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import reflex as rx

from coursebook.ui import layout, states
from coursebook.ui.pages import SITE
from coursebook.ui.reflex_compat.events import event_name
from coursebook.ui.reflex_compat.hydration import ROOT_STATE
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.live import LiveState
from coursebook.ui.states.payment import PaymentState
from coursebook.ui.states.payment_cancel import PaymentCancelState
from coursebook.ui.states.session import SessionState
from tests.support.harness import Harness
from tests.ui.page_builds import built_pages
from tests.ui.tabs import Tab

FOLDER = Path(states.__file__).parent
CALLED_BY_THE_SERVER = {"changed_elsewhere", "edited_elsewhere", "person_changed"}
EVENT = re.compile(rf"{ROOT_STATE}\.[\w.]+")
SENSELESS: list[Any] = [None, 7, True, [], {"a": 1}, "\x00", "../..", "x" * 100_000, "💥"]
STATES = (SessionState, *SITE.states, LiveState)


def _own_handlers(state: Any) -> list[Any]:
    names = sorted(name for name in state.event_handlers if name in vars(state))
    return [getattr(state, name) for name in names if name != "setvar"]


HANDLERS = [handler for state in STATES for handler in _own_handlers(state)]


def test_every_state_belongs_to_a_page():
    assert set(_all_below(SessionState)) <= {*STATES}


def test_no_state_offers_more_than_its_page_or_the_server_calls():
    wraps = (
        layout.identity_wrap,
        layout.messages_wrap,
        layout.early_events_wrap,
        layout.page_loader_wrap,
    )
    drawn = list(built_pages().values())
    drawn += [wrap(_is_stateful=True) for wrap in wraps]
    called = {name for component in drawn for name in EVENT.findall(_source(component))}
    called |= {event_name(page.loads_with) for page in SITE.pages if page.loads_with}
    called |= {event_name(SessionState.address_opened)}  # loads a public page without a state
    for handler in HANDLERS:
        is_called = event_name(handler) in called
        assert is_called or handler.fn.__name__ in CALLED_BY_THE_SERVER, handler.fn.__qualname__


def _source(component: rx.Component) -> str:
    hooks = (component._get_all_hooks_internal(), component._get_all_hooks())
    return str((component.render(), [str(hook) for some in hooks for hook in some]))


async def test_reflex_s_own_setter_sets_nothing():
    tab = Tab()
    session = await tab.state(SessionState)
    for name in ("_user_id", "is_signed_in", "viewer", "display_name"):
        with pytest.raises(AttributeError):
            session.event_handlers["setvar"].fn(session, name, "olga")
    assert session._who() is None


def test_every_public_method_of_a_state_is_marked_as_an_event():
    for path in FOLDER.rglob("*.py"):
        for state in ast.walk(ast.parse(path.read_text())):
            if isinstance(state, ast.ClassDef) and state.name.endswith("State"):
                for method in state.body:
                    if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                        _check_method(f"{path.name}: {method.name}", method)


def _check_method(where: str, method: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    marks = [ast.unparse(mark) for mark in method.decorator_list]
    if method.name.startswith("_"):
        assert not marks, f"{where} is hidden and marked"
        return
    assert any(mark.startswith("rx.event") for mark in marks), f"{where} is not marked"
    assert isinstance(method, ast.AsyncFunctionDef), f"{where} would stop every other tab"


def test_what_cannot_be_taken_back_is_dropped_while_there_is_no_connection():
    for handler in (
        CourseState.book_clicked,
        CourseState.booking_resumed,
        DashboardState.retry_clicked,
        DashboardState.cancel_confirmed,
        PaymentCancelState.retry_clicked,
        PaymentState.retry_clicked,
    ):
        assert handler.event_actions == {"temporal": True}
        assert handler.is_background


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda h: h.fn.__qualname__)
async def test_senseless_arguments_from_nobody_break_nothing(harness: Harness, handler: Any):
    names = [name for name in handler.get_parameters() if name != "self"]
    for value in SENSELESS if names else [None]:
        tab = Tab("/courses/none?next=//evil.example&status=💥&booking_id=%00&session_id=cs_x")
        for path in await tab.fire(handler, *[value] * len(names)):
            assert path.startswith("/")
            assert not path.startswith("//")
        session = await tab.state(SessionState)
        assert not session.is_signed_in
        dashboard = await tab.state(DashboardState)
        assert dashboard.sections == []
        assert dashboard.cancel_question.id == ""


def _all_below(state: type) -> list[type]:
    return [state, *(s for child in state.get_substates() for s in _all_below(child))]
