"""The budget of log lines that unauthenticated clients can cause."""

import logging
from contextvars import Context
from typing import Any

import pytest

from coursebook.log import get_logger, set_up_logging
from coursebook.log_budget import (
    DROPPED,
    MAX_CLIENTS,
    MAX_LINES_PER_CLIENT,
    MAX_LINES_PER_KIND,
    WINDOW_SECONDS,
    LineBudget,
    begin_client,
)


class Log:
    """Collects lines as they would be written, with its own clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.written: list[Any] = []
        self._budget = LineBudget(lambda: self.now)

    def say(self, name: str, message: Any, client: str = "", times: int = 1) -> None:
        for _ in range(times):
            Context().run(self._say_as, name, message, client)

    def _say_as(self, name: str, message: Any, client: str) -> None:
        begin_client(client)
        record = logging.LogRecord(name, logging.WARNING, "", 0, message, None, None)
        if self._budget.filter(record):
            self.written.append(record.msg)


@pytest.fixture
def log() -> Log:
    return Log()


def dropped(**more: Any) -> dict[str, Any]:
    return {"event": "socket_message.dropped", **more}


def test_one_client_causes_a_bounded_number_of_lines_and_a_notice(log: Log):
    log.say("coursebook.ui.middleware.socket_guard", dropped(), "203.0.113.7", times=10_000)
    assert log.written[:-1] == [dropped()] * MAX_LINES_PER_CLIENT
    assert log.written[-1] == {"event": DROPPED, "kind": "socket_message.dropped"}


def test_many_clients_cause_a_bounded_number_of_lines_together(log: Log):
    for number in range(MAX_CLIENTS * 5):
        log.say(
            "coursebook.ui.middleware.socket_guard",
            dropped(),
            f"10.0.{number // 250}.{number % 250}",
        )
    assert len(log.written) == MAX_LINES_PER_KIND + 1


def test_one_client_leaves_room_for_the_lines_of_others(log: Log):
    log.say("coursebook.ui.middleware.socket_guard", dropped(), "203.0.113.7", times=1000)
    log.say("coursebook.ui.middleware.socket_guard", dropped(of="another"), "198.51.100.1")
    assert log.written[-1] == dropped(of="another")


def test_the_next_minute_reports_the_dropped_lines(log: Log):
    log.say(
        "coursebook.ui.middleware.socket_guard",
        dropped(),
        "203.0.113.7",
        times=MAX_LINES_PER_CLIENT + 7,
    )
    log.now += WINDOW_SECONDS
    log.say("coursebook.ui.middleware.socket_guard", dropped(), "203.0.113.7")
    assert log.written[-1] == dropped(held_back_before=7)


def test_kinds_have_budgets_of_their_own(log: Log):
    log.say("coursebook.ui.middleware.socket_guard", dropped(), times=1000)
    log.say("coursebook.ui.states.error_messages", {"event": "page.failed"})
    assert log.written[-1] == {"event": "page.failed"}


@pytest.mark.parametrize("name", ["reflex_base.event.processor", "engineio.server", "asyncio"])
def test_lines_of_other_packages_share_one_budget(log: Log, name: str):
    for number in range(1000):
        log.say(name, f"Error {number} of {name}")
    assert len(log.written) == MAX_LINES_PER_KIND + 1


@pytest.mark.parametrize(
    "name", ["coursebook.services.settlement.settle", "coursebook.worker.loop"]
)
def test_lines_about_our_own_work_are_never_held_back(log: Log, name: str):
    log.say(name, {"event": "payment.settled"}, "203.0.113.7", times=1000)
    assert len(log.written) == 1000


def test_a_home_network_is_one_client(log: Log):
    for number in range(1000):
        log.say(
            "coursebook.api.routes.stripe_webhook",
            {"event": "webhook.refused"},
            f"2001:db8::{number:x}",
        )
    assert len(log.written) == MAX_LINES_PER_CLIENT + 1


@pytest.mark.parametrize("as_json", [True, False])
def test_the_written_lines_stay_valid(as_json: bool, capsys: pytest.CaptureFixture[str]):
    set_up_logging(as_json=as_json)
    for number in range(1000):
        get_logger("coursebook.ui.middleware.socket_guard").warning(
            "socket_message.dropped", why="x"
        )
        get_logger("coursebook.ui.states.error_messages").error(
            "page.failed", exc_info=ValueError("x")
        )
        logging.getLogger("reflex.app").warning("strange %s", number)
    output = capsys.readouterr().err
    assert "Logging error" not in output
    assert output.count(DROPPED) == 3
    assert [output.count(kind) - 1 for kind in ("message.dropped", "page.failed", "strange")] == [
        MAX_LINES_PER_KIND,
        MAX_LINES_PER_KIND,
        MAX_LINES_PER_KIND - 1,
    ]
