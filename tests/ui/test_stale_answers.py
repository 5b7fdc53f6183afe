"""A handler's answer belongs to one page and person, and has no effect on others."""

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from coursebook.ui import states
from coursebook.ui.build import same_origin
from coursebook.ui.presenters.rows import BookingRow
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.manage.inbox_entry import PATH as INBOX
from coursebook.ui.states.manage.inbox_entry import InboxEntryState
from coursebook.ui.states.payment import PaymentState
from coursebook.ui.states.payment_cancel import PaymentCancelState
from coursebook.ui.states.session import SessionState
from tests.support.harness import Harness, Started
from tests.ui.tabs import Tab
from tests.ui.test_handlers import HANDLERS

STATES = Path(states.__file__).parent
UI = STATES.parent
ONE_PLACE = "page_binding.py"
GUARDS = ("_is_still_at", "_is_still_on")
SHOWN = (
    "notice",
    "view_state",
    "error",
    "booking",
    "busy",
    "outcomes",
    "is_busy",
    "announcement",
    "story",
    "shown_for",
)


def _calls(tree: ast.AST) -> Iterator[str]:
    return (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


def _sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def test_only_a_place_sends_a_browser_somewhere_or_gives_a_file():
    for path in _sources(UI):
        moves = {"rx.redirect", "rx.download", "rx.event.redirect"} & set(
            _calls(ast.parse(path.read_text()))
        )
        assert not moves or path.name == ONE_PLACE, (path, moves)


def test_no_timer_of_reflex_outlives_its_page():
    for path in _sources(UI):
        timers = [name for name in _calls(ast.parse(path.read_text())) if _is_timer(name)]
        assert not timers, (path, timers)


def _is_timer(name: str) -> bool:
    return name.endswith((".debounce", ".throttle"))


def _methods() -> Iterator[tuple[str, ast.AsyncFunctionDef]]:
    for path in _sources(STATES):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.AsyncFunctionDef):
                yield f"{path.name}: {node.name}", node


def test_whoever_works_beside_others_looks_whether_its_page_is_still_there():
    """Between two state locks of a background handler, the person may have left the page."""
    found = 0
    for where, method in _methods():
        blocks = [
            node
            for node in ast.walk(method)
            if isinstance(node, ast.AsyncWith) and ast.unparse(node.items[0]) == "self"
        ]
        for block in sorted(blocks, key=lambda one: one.lineno):
            if block is blocks[0] and not _after_a_wait(method, block):
                continue
            found += 1
            assert _checks_its_page(block.body), (where, block.lineno)
    assert found > 10


def _after_a_wait(method: ast.AsyncFunctionDef, block: ast.AsyncWith) -> bool:
    return any(
        isinstance(node, ast.Await) and node.lineno < block.lineno for node in ast.walk(method)
    )


def _checks_its_page(statements: Sequence[ast.stmt]) -> bool:
    """Return whether a block acts only on its own page: it leaves otherwise, or asks each time."""
    for statement in statements:
        if _leaves_otherwise(statement):
            return True
        if not _is_guarded(statement):
            return False
    return True


def _leaves_otherwise(statement: ast.stmt) -> bool:
    """Return whether a statement is `if not (the page is still there): return`."""
    return (
        isinstance(statement, ast.If)
        and isinstance(statement.test, ast.UnaryOp)
        and isinstance(statement.test.op, ast.Not)
        and _is_guarded(statement)
        and isinstance(statement.body[-1], ast.Return)
    )


def _is_guarded(statement: ast.stmt) -> bool:
    """Return whether a statement is inside the check or only reads."""
    if isinstance(statement, ast.If):
        return any(guard in ast.unparse(statement.test) for guard in GUARDS)
    if isinstance(statement, ast.Assign):
        return all(not ast.unparse(target).startswith("self.") for target in statement.targets)
    return isinstance(statement, ast.Return)


def test_the_browser_asks_the_same_of_every_event_both_ways():
    script = same_origin.patched_state_js()
    assert script.index("if (!isForThisPage(event)) return;") < script.index('"_redirect"')
    assert "normalizeEvents(events).map(rememberPage)" in script


def every_answer_comes_late(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, move: Callable[[], None]
) -> None:
    """Make every service call end on another page than it began on."""
    kept = harness.services
    shown = (kept.checkout, kept.bookings, kept.dashboard, kept.catalog, kept.inbox)
    for service in (*shown, kept.waiting_lists):
        for name, method in inspect.getmembers(service, inspect.iscoroutinefunction):
            if not name.startswith("_") and name != "topics_of":
                monkeypatch.setattr(service, name, _moved(method, move))


def _moved(method: Any, move: Callable[[], None]) -> Any:
    async def asked(*arguments: Any, **named: Any) -> Any:
        try:
            return await method(*arguments, **named)
        finally:
            move()

    return asked


PAGES = {
    CourseState: "/courses/{slug}",
    DashboardState: "/bookings",
    PaymentState: "/payment/success?session_id={session}",
    PaymentCancelState: "/payment/cancel?booking_id={booking}",
    InboxEntryState: f"{INBOX}mie_1",
}
BESIDE = [
    one
    for one in HANDLERS
    if one.is_background and any(issubclass(one.state, kind) for kind in PAGES)
]
"""The operator's page has entries instead of bookings: `test_inbox_entry_state.py`."""


@pytest.mark.parametrize("elsewhere", ["/courses/another", "/sign-in", "/payment/success?x=1"])
@pytest.mark.parametrize("handler", BESIDE, ids=lambda one: one.fn.__qualname__)
async def test_an_answer_that_comes_late_changes_nothing_on_another_page(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, handler: Any, elsewhere: str
):
    course = await harness.course()
    started = await harness.checkout(harness.student("sam"), course)
    tab, token = await _at_work(harness, handler, course.slug, started)
    state = await tab.state(handler.state)
    here, left = state._page(), []

    def leave() -> None:
        tab.go(elsewhere)
        left.append(_shown(state))

    every_answer_comes_late(harness, monkeypatch, leave)
    await tab.fire(handler, *_arguments(handler, started, token))
    assert left, "no service was called"
    assert _shown(state) == left[0]
    assert set(tab.pages) <= {here}


async def _at_work(harness: Harness, handler: Any, slug: str, started: Started) -> tuple[Tab, str]:
    sam = harness.student("sam")
    kind = next(one for one in PAGES if issubclass(handler.state, one))
    tab = Tab(PAGES[kind].format(slug=slug, session=started.session_id, booking=started.booking_id))
    await tab.sign_in(harness, sam)
    if kind is DashboardState:
        await tab.fire(DashboardState.viewer_arrived)
    state = await tab.state(kind)
    if kind is CourseState:
        await tab.fire(CourseState.page_opened)
        state.goes_on = True
    if kind in (PaymentState, PaymentCancelState):
        state.booking = BookingRow(id=started.booking_id, pay_amount=4500, pay_currency="eur")
        state.shown_for = state.viewer
    return tab, await harness.token(sam)


def _arguments(handler: Any, started: Started, token: str) -> list[Any]:
    known: dict[str, Any] = {"booking_id": started.booking_id, "token": token}
    known |= {"timezone": "Europe/Berlin", "entry_id": "mie_1"}
    known |= {"action": "refund", "amount": 100, "currency": "eur"}
    known |= {"texts": {"entry": "mie_1", "note": "Handled on the phone."}}
    return [known[name] for name in handler.get_parameters() if name != "self"]


def _shown(state: Any) -> dict[str, Any]:
    return {name: getattr(state, name) for name in SHOWN if hasattr(state, name)}


async def test_the_place_of_an_answer_is_the_page_and_the_person(harness: Harness):
    tab = Tab("/courses/clay/")
    state = await tab.state(SessionState)
    place = state._page_binding()
    assert (place.page, state._is_still_at(place)) == ("/courses/clay", True)
    await tab.sign_in(harness, harness.student("sam"))
    assert not state._is_still_at(place)
    place = state._page_binding()
    tab.go("/courses/glass")
    assert not state._is_still_at(place)
    tab.go("/payment/success?booking_id=a")
    place = state._page_binding()
    tab.go("/payment/success?booking_id=b")
    assert not state._is_still_at(place)


LEADS_TO_PAY = [CourseState.book_clicked, DashboardState.retry_clicked]
LEADS_TO_PAY += [PaymentState.retry_clicked, PaymentCancelState.retry_clicked]


@pytest.mark.parametrize("handler", LEADS_TO_PAY, ids=lambda one: one.fn.__qualname__)
async def test_nobody_is_led_to_pay_for_whoever_has_signed_out_meanwhile(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, handler: Any
):
    course = await harness.course()
    started = await harness.checkout(harness.student("sam"), course)
    tab, token = await _at_work(harness, handler, course.slug, started)
    state = await tab.state(handler.state)
    session = await tab.state(SessionState)
    every_answer_comes_late(harness, monkeypatch, session._forget)
    sent = await tab.fire(handler, *_arguments(handler, started, token))
    assert not [one for one in sent if one]
    if handler is CourseState.book_clicked:
        assert not state.is_busy
