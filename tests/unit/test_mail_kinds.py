"""Every mail that is promised is written, and every mail that is written has an occasion."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import coursebook.services
from coursebook.domain.admission import CourseState
from coursebook.domain.booking import SeatState
from coursebook.domain.end_causes import refund_cause
from coursebook.mail import i18n, messages
from coursebook.mail.kinds import MailKind
from coursebook.services.settlement.effects import REFUND_MAILS

SERVICES = Path(coursebook.services.__file__).parent
START = datetime(2027, 3, 1, 18, 0, tzinfo=UTC)
END = START + timedelta(days=2)
SENDING = SERVICES / "outbox" / "mails.py"


def test_every_kind_has_its_function() -> None:
    assert set(messages.MAILS) == set(MailKind)


def test_every_function_that_writes_a_mail_is_listed() -> None:
    writers = {
        name
        for name, thing in vars(messages).items()
        if getattr(thing, "__annotations__", {}) == {"facts": "MailFacts", "return": "Mail"}
        if not name.startswith("_")
    }
    assert writers == set(messages.MAILS)


def test_every_kind_has_its_texts() -> None:
    for kind in MailKind:
        assert i18n.of("en").text(kind.value, "subject", refund="")


def test_every_kind_has_an_occasion() -> None:
    assert set(promised()) == {kind.name for kind in MailKind}


def test_every_promise_names_a_kind() -> None:
    """A text would not be checked by mypy, and would fail only when the mail is sent."""
    for path, call in calls_of("enqueue_mail"):
        assert not isinstance(call.args[0], ast.Constant | ast.JoinedStr), path


def test_every_cause_of_a_refund_has_its_mail() -> None:
    causes = {
        refund_cause(
            place,
            CourseState(is_published, START, END, is_cancelled=is_cancelled),
            taken_at,
            has_other_place=has_other_place,
            is_moved=is_moved,
        )
        for place in SeatState
        for is_published, is_cancelled, has_other_place, is_moved in product(
            (False, True), repeat=4
        )
        for taken_at in (START - timedelta(days=1), START)
    }
    assert causes == set(REFUND_MAILS)


def promised() -> Iterator[str]:
    """Yield each kind that the services name, but for where mails are sent."""
    for path in SERVICES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_kind = isinstance(node, ast.Attribute) and ast.unparse(node.value) == "MailKind"
            if is_kind and path != SENDING:
                yield node.attr


def calls_of(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in SERVICES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == name:
                yield path, node
