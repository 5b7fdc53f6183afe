"""Every handler is an endpoint for anybody with a socket: which there are, and what they bear."""

import ast
from pathlib import Path
from typing import Any

import pytest

from coursebook.ui import states
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.inbox_entry import InboxEntryState
from coursebook.ui.states.live import LiveState
from coursebook.ui.states.payment import PaymentState
from coursebook.ui.states.payment_cancel import PaymentCancelState
from coursebook.ui.states.session import SessionState
from tests.support.harness import Harness
from tests.ui.tabs import Tab

FOLDER = Path(states.__file__).parent
ALLOWED = {
    SessionState: (
        {"token_received", "signed_in", "sign_in_opened", "signed_out", "sign_out_failed"}
        | {"notice_closed"}
    ),
    CatalogState: {"page_opened", "again_clicked"},
    CourseState: (
        {"page_opened", "viewer_arrived", "again_clicked", "book_clicked"}
        | {"changed_elsewhere", "hold_ended", "booking_resumed"}
    ),
    DashboardState: (
        {"page_opened", "viewer_arrived", "more_clicked", "again_clicked"}
        | {"retry_clicked", "cancel_clicked", "cancel_dismissed", "cancel_confirmed"}
        | {"bookings_shown", "hold_ended"}
        | {"calendar_clicked", "changed_elsewhere"}
    ),
    PaymentState: (
        {"page_opened", "viewer_arrived", "changed_elsewhere"}
        | {"retry_clicked", "calendar_clicked"}
    ),
    PaymentCancelState: (
        {"page_opened", "viewer_arrived", "again_clicked", "hold_ended", "changed_elsewhere"}
        | {"retry_clicked", "calendar_clicked"}
    ),
    InboxEntryState: {"page_opened", "viewer_arrived", "again_clicked", "act_clicked"},
    LiveState: {"person_changed"},
}
SENSELESS: list[Any] = [None, 7, True, [], {"a": 1}, "\x00", "../..", "x" * 100_000, "💥"]
HANDLERS = [getattr(state, name) for state, names in ALLOWED.items() for name in sorted(names)]


def test_no_state_offers_more_than_the_list_says():
    for state in _all_below(SessionState):
        offered = {name for name in state.event_handlers if name in vars(state)}
        assert offered - {"setvar"} == ALLOWED[state], state


async def test_reflex_s_own_setter_sets_nothing():
    tab = Tab()
    session = await tab.state(SessionState)
    for name in ("_user_id", "is_signed_in", "viewer", "display_name"):
        with pytest.raises(AttributeError):
            session.event_handlers["setvar"].fn(session, name, "olga")
    assert session._who() is None


def test_every_public_method_of_a_state_is_marked_as_an_event():
    for path in FOLDER.glob("*.py"):
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
