"""The product, not only the tests, sets every field of the facts for mails and calendars."""

import ast
import importlib
import pkgutil
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from pathlib import Path

import pytest

import coursebook.mail

ROOT = Path(__file__).parents[2] / "coursebook"
MAIL_MODULES = [
    importlib.import_module(f"coursebook.mail.{found.name}")
    for found in pkgutil.iter_modules(coursebook.mail.__path__)
]
WRITTEN = sorted(
    {
        thing
        for module in MAIL_MODULES
        for thing in vars(module).values()
        if is_dataclass(thing) and isinstance(thing, type)
        if thing.__module__.startswith("coursebook.mail")
    },
    key=lambda one: one.__name__,
)


@cache
def calls_of_the_product() -> list[ast.Call]:
    """Return every call in the sources. Reading them takes seconds, so only who asks does it."""
    return [
        call
        for path in sorted(ROOT.rglob("*.py"))
        for call in calls_in(path.read_text(encoding="utf-8"))
    ]


def calls_in(source: str) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]


def own_fields(kind: type) -> list[str]:
    """Return the fields of a dataclass in order, including those of its bases."""
    return [field.name for field in fields(kind)]  # type: ignore[arg-type]


def name_of(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def set_by(calls: list[ast.Call], kind: type) -> set[str]:
    """Return the fields that any call sets to something other than a literal empty value."""
    order, found = own_fields(kind), set()
    for call in calls:
        if name_of(call.func) == "replace":
            found |= {word.arg for word in call.keywords if word.arg in order}
        if name_of(call.func) not in (kind.__name__, "cls"):
            continue
        given = dict(zip(order, call.args, strict=False))
        given |= {word.arg: word.value for word in call.keywords if word.arg}
        found |= {name for name, value in given.items() if not is_empty(value)}
    return found


def is_empty(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not value.value


def passed_on(kind: type) -> set[str]:
    """Return the fields of its bases, which are copied from an instance of the base."""
    return {name for base in kind.__mro__[1:] if is_dataclass(base) for name in own_fields(base)}


@pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.__name__)
def test_the_product_sets_every_field(kind: type) -> None:
    expected = set(own_fields(kind)) - passed_on(kind)
    assert expected - set_by(calls_of_the_product(), kind) == set()


def test_a_field_that_is_never_set_is_reported() -> None:
    silent = calls_in("MailFacts(amount_text=text, refund_text='', charged=False)")
    facts = next(kind for kind in WRITTEN if kind.__name__ == "MailFacts")
    assert set_by(silent, facts) == {"amount_text"}
    assert any(field.default is not MISSING for field in fields(facts))  # type: ignore[arg-type]
