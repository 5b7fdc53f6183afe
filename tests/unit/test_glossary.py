"""docs/glossary.md: each term is defined in its module, and old names are not used again."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.documents import page

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "coursebook"
TERM = re.compile(r"^\| [^|]+ \| `(\w+)` \| `(coursebook/[\w/]+\.py)` \|", re.MULTILINE)
TERMS = TERM.findall(page("docs/glossary.md").text)

OLD_NAMES = {
    *("PlaceEvent", "SessionWord", "Ledger", "Pages", "Tools", "Work", "Question", "Matter"),
    *("ask_person", "close_what_is_gone", "look_after", "Aftermath", "LookAt", "look_at"),
    *("claim_to_ask", "glance", "lock_of", "be_patient", "put_down", "Wire", "Line", "Told"),
    *("Gathering", "Watchers", "Guard", "error_face", "face_of", "bone", "spoken", "for_readers"),
    *("big_sign", "cluster", "between", "story_step", "ripen", "lapse", "let_go", "catch_up"),
    *("GIVE_BACK", "ASK_A_PERSON", "GONE", "Place", "World", "Courier", "Standing"),
    *("PrivatePages", "FreshPages", "MeetPeople", "LeftTabs", "EventIds", "browser_problem"),
    *("OnLine", "LineProblem", "EarlyHands", "Whereabouts", "Drawn", "NotDrawn"),
    *("CheckoutAsk", "PaymentPages", "mark_of", "STRIPES_OWN", "NOTHING_SEEN", "asked_in"),
    *("LONGEST", "LARGEST_CAPACITY", "MOST_WORDS", "LEAST_LETTERS", "MAXIMUM"),
}
"""Names of earlier versions, in the sense they had there."""
OTHER_SENSE = {
    ("coursebook/domain/inbox.py", "GIVE_BACK"),  # an entry's one safe action, as the API has it
    ("coursebook/domain/booking_edits/move.py", "GIVE_BACK"),  # what a move does, likewise
    ("coursebook/domain/course.py", "spoken"),  # the language of a course
}
OLD_MODULES = {
    *("told", "meeting", "following", "recognising", "given_up", "alone", "straight", "doors"),
    *("asking", "settling", "sweeping", "consequences", "comparing", "finding", "searching"),
    *("listed", "shelves", "pulses", "figures", "watching", "tools", "ledger", "steps", "wires"),
    *("gathering", "watchers", "making", "leash", "running", "waiting", "levers", "board_frame"),
    *("telling", "faces", "noted", "bound", "taking", "ending", "standing", "expecting"),
    *("joining", "declaring", "light", "early", "rounds", "world"),
    *("exporting", "signing", "unexpected"),
}


@pytest.mark.parametrize(("name", "module"), TERMS)
def test_a_term_is_defined_in_the_module_it_names(name: str, module: str):
    assert name in set(_defined(ROOT / module))


def test_the_glossary_has_terms():
    assert len(TERMS) >= 30


def test_no_old_name_is_public():
    public = {
        (str(path.relative_to(ROOT)), name)
        for path in PACKAGE.rglob("*.py")
        for name in _defined(path)
        if name in OLD_NAMES
    }
    assert public - OTHER_SENSE == set()


def test_no_module_has_an_old_name():
    stems = {path.stem for path in PACKAGE.rglob("*.py")} | {
        path.parent.name for path in PACKAGE.rglob("__init__.py")
    }
    assert stems & OLD_MODULES == set()


def _defined(path: Path) -> Iterator[str]:
    """Yield the names of the classes, functions, methods, constants and fields of a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
