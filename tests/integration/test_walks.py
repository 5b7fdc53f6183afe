"""The walks of docs/extend.md, done on a copy of the tree, and the folder of a school.

No build and no browser: a fresh process imports the product from the copy and runs its tests.
"""

import json
import tomllib
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from coursebook.run.commands.school_new import new_school
from tests.support.documents import ROOT
from tests.support.fresh_process import FreshProcesses, Ran, fresh_processes
from tests.support.walks import (
    IMPORT,
    WALKS,
    Step,
    add_language,
    apply,
    blocks,
    copy_tree,
    undo,
)

STEPS = [step for steps in WALKS.values() for step in steps]
COLUMN = WALKS["A column"]
OTHERS = [steps for steps in WALKS.values() if steps != COLUMN]
NOTICED = [[step for step in steps if step.notice not in ("", IMPORT)] for steps in OTHERS]
ROUNDS = [tuple(filter(None, steps)) for steps in zip_longest(*NOTICED)]
"""One step of each walk, to be forgotten together: the walks have nothing to do with each other."""
RUN_TESTS = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
OPTIONS = ("-q", "-p", "no:cacheprovider", "--import-mode=importlib", "-Wignore")
OPTIONS += (
    "--noconftest",
    "-o",
    "addopts=",
    "-o",
    "filterwarnings=",
)  # our plugins are imported already
SHOWN = """\
from coursebook.domain.course import CourseDraft
from coursebook.errors import CoursePaused
from coursebook.mail.messages import MAILS
from coursebook.payments.event_targets import EVENTS
from coursebook.persistence.schema.tables import Course
from coursebook.sandbox.stripe.test_cards import CARDS
from coursebook.services.presenters import AS_STORED
from coursebook.settings import Settings
from coursebook.ui import i18n, kit
from coursebook.ui.gallery.mail_samples import samples
from coursebook.ui.pages import SITE, add_pages
import reflex as rx
add_pages(rx.App())
page = next(page for page in SITE.pages if page.route == "/about")
assert "words.SCHOOL_TEXT" in str(page.build().render())
assert "/about" in SITE.public_paths
assert (i18n.of("de").SCHOOL_TITLE, i18n.of("nl").LOCALE) == ("Die Schule", "nl_NL")
assert "Small courses." in str(kit.motto("Small courses.").render())
assert "bring" in AS_STORED and "bring" in Course.__table__.columns
assert EVENTS["charge.updated"].name == "PAYMENT"
assert samples("de")["thanks"].subject.startswith("Danke")
assert Settings(school_phone="1").school_phone == "1"
assert CARDS["4000056655665556"].brand == "visa"
assert i18n.text_of(CoursePaused.sentence, "de").startswith("Dieser Kurs")
print("everything shows")
"""
EXAMPLE = """\
from pathlib import Path
from coursebook.run.commands.school_check import check_school
assert check_school(Path("docs/examples/school")) == 0
from coursebook.ui import i18n, layout
from coursebook.ui.pages import SITE, add_pages
import reflex as rx
add_pages(rx.App())
assert "/teachers" in SITE.public_paths
assert "/teachers" in [page.route for page in layout.navigation]
assert i18n.of("de").TEACHERS_TITLE == "Unsere Lehrenden"
import sys
from types import SimpleNamespace
from coursebook.extend import Page, PageSources
texts = SimpleNamespace(FIND_US_TITLE="Find us")
names = {"Page": Page, "PageSources": PageSources, "find_us": rx.fragment, "i18n": texts}
page = eval(sys.argv[1], names)
assert page.sources.frames == ("https://www.openstreetmap.org",)
"""
FRENCH = """\
BOOK_NOW = "Réserver"
NAV_COURSES = "Cours"
NAV_BOOKINGS = "Mes réservations"
LANGUAGE_LABEL = "Langue"
TRY_AGAIN = "Réessayer"
"""
CATALOGS = """\
from pathlib import Path
from coursebook.run.build.catalogs import main
from coursebook.settings import Settings
from coursebook.ui.i18n import language_of
from coursebook.wiring import check
check(Settings())
assert language_of("fr-CA,fr;q=0.9,en;q=0.5") == "fr"
main(Path("catalogs.json"))
"""

CHECK = """\
import sys
from coursebook.run.commands.school_check import check_school
sys.exit(check_school(sys.argv[1]))
"""
CHECK_AND_TEST = """\
import sys
from pathlib import Path
from coursebook.run.commands.school_check import check_school
import pytest
code = check_school(Path(sys.argv[1]))
sys.exit(code or pytest.main(["-q", "-p", "no:cacheprovider", sys.argv[1]]))
"""
MISTAKES = {
    "school.toml": 'colour = "#fff"\nemail = "nobody"\naccent = "green"\nlogo = "none.svg"\n',
    "words/fr.toml": 'BOOK_NOW = ""\nYOUR_TIME = "À {quand}"\n',
    "words/klingon.toml": "",
    "words/mails/de.toml": '[booked]\nfirst = "{titel}"\nsubject = 3\n',
    "assets/api/course.svg": "<svg/>",
    "map.py": "",
    "events/page.py": "",
    "broken/__init__.py": "import nowhere_at_all\n",
    "empty/__init__.py": "x = 1\n",
    "pages/__init__.py": (
        "from coursebook.extend import Extension, Page, kit\n"
        "def build():\n    return kit.nothing_of_the_kind()\n"
        "extension = Extension(name='pages', pages=(\n"
        "    Page(route='/a', build=build, title='A'),\n"
        "    Page(route='/courses', build=kit.stack, title='Courses'), 'b'))\n"
    ),
    "upload/__init__.py": (
        "from coursebook.extend import Extension, Page\nimport reflex as rx\n"
        "extension = Extension(name='upload', pages=(Page(route='/b', title='B', build=lambda: "
        "rx.upload.root(rx.el.p('file'))),))\n"
    ),
    "fields/__init__.py": (
        "from coursebook.extend import CourseField, Extension\n"
        "field = CourseField(name='to_bring', kind='text', label='NOWHERE')\n"
        "extension = Extension(name='fields', fields=(field,))\n"
    ),
    "route/__init__.py": (
        "from coursebook.extend import Extension, Page, kit\n"
        "page = Page(route='no slash', build=kit.stack, title='A')\n"
    ),
    "mails/__init__.py": (
        "from coursebook.extend import Extension, booking_mail\n"
        "def soon(facts):\n    return facts.nothing\n"
        "def later(facts):\n    return 'text'\n"
        "extension = Extension(name='mails', mails={'soon': soon, 'later': later})\n"
    ),
}
SENTENCES = """\
mine/school.toml, line 1: colour: is not a key of this file
mine/school.toml, line 2: email: must be an email address
mine/school.toml, line 3: accent: must be a colour such as
mine/school.toml, line 4: logo: there is no file none.svg
mine/words/fr.toml: BOOK_NOW is empty
mine/words/fr.toml: YOUR_TIME has the placeholder {quand}
mine/words/klingon.toml: the name of the file must be a language
mine/words/mails/de.toml: booked.first has the placeholder {titel}
mine/words/mails/de.toml: booked.subject must be a text
mine/assets/api: addresses under /api/ are ours
mine/map.py: an extension is a folder: move the file to mine/map/__init__.py
mine/events: the folder has no __init__.py
mine/broken/__init__.py, line 1: ModuleNotFoundError: No module named 'nowhere_at_all'
mine/empty/__init__.py: there is no extension
mine/route/__init__.py, line 2: The route 'no slash' is not of the form
The field to_bring needs the text NOWHERE in words/en.toml
The extension pages has 'b' among its pages
Two pages have the route /courses
mine/pages/__init__.py, line 3: the page /a cannot be built: module 'coursebook.ui.kit' has no
mine/upload/__init__.py, line 3: Upload cannot work on the page /b, since
mine/mails/__init__.py, line 3: AttributeError:
The mail later: TypeError: its function must return what booking_mail returns
"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreshProcesses]:
    with fresh_processes(tmp_path_factory.mktemp("fresh")) as processes:
        yield processes


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture
def walked(tree: Path) -> Iterator[Path]:
    """A tree with every walk done."""
    apply(tree, STEPS)
    add_language(tree)
    yield tree
    undo(tree, STEPS)
    for step in STEPS:
        original, path = ROOT / step.file, tree / step.file
        assert path.exists() == original.exists()
        assert not path.exists() or path.read_text() == original.read_text()


def run_tests(fresh: FreshProcesses, tree: Path, *tests: str) -> Ran:
    plain = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "SCHOOL_DIR": str(tree / "no-school")}
    return fresh.run(RUN_TESTS, *OPTIONS, *tests, cwd=tree, tree=tree, **plain)


def test_every_walk_shows_what_it_adds_and_our_tests_stay_green(
    fresh: FreshProcesses, walked: Path
) -> None:
    ran = fresh.run(SHOWN, cwd=walked, tree=walked)
    assert (ran.output, ran.errors) == ("everything shows\n", "")
    notices = {step.notice for step in STEPS} - {"", IMPORT}
    ran = run_tests(fresh, walked, *sorted(notices))
    assert ran.code == 0, ran.output


@pytest.mark.parametrize("forgotten", COLUMN, ids=lambda step: step.file)
def test_a_forgotten_file_of_a_column_is_named(
    fresh: FreshProcesses, tree: Path, forgotten: Step
) -> None:
    done = [step for step in COLUMN if step != forgotten]
    apply(tree, done)
    ran = run_tests(fresh, tree, forgotten.notice.partition("::")[0])
    undo(tree, done)
    failed = [line for line in ran.output.splitlines() if line.startswith("FAILED")]
    assert any(line.startswith(f"FAILED {forgotten.notice}") for line in failed), ran
    name = forgotten.file if "alembic" not in forgotten.file else "alembic/versions"
    assert f"missing in {name}" in ran.output


@pytest.mark.parametrize("forgotten", ROUNDS, ids=lambda steps: f"{len(steps)} walks")
def test_a_forgotten_step_is_noticed(
    fresh: FreshProcesses, tree: Path, forgotten: tuple[Step, ...]
) -> None:
    done = [step for steps in OTHERS for step in steps if step not in forgotten]
    apply(tree, done)
    ran = run_tests(fresh, tree, *{step.notice for step in forgotten})
    undo(tree, done)
    assert [s.file for s in forgotten if f"FAILED {s.notice}" not in ran.output] == [], ran.output


def test_a_column_takes_six_files() -> None:
    assert len({step.file for step in COLUMN}) <= 6


def test_the_example_of_a_school_is_right(fresh: FreshProcesses) -> None:
    snippets = blocks("In a folder of your own", "python")
    page_with_map = next(snippet for snippet in snippets if "PageSources(" in snippet)
    ran = fresh.run(EXAMPLE, page_with_map, cwd=ROOT)
    assert ran.code == 0, ran.errors


def test_a_language_of_five_texts_starts_and_is_english_elsewhere(
    fresh: FreshProcesses, tmp_path: Path
) -> None:
    words = tmp_path / "school" / "words"
    words.mkdir(parents=True)
    (words / "fr.toml").write_text(FRENCH)
    ran = fresh.run(CATALOGS, cwd=tmp_path)
    assert (ran.code, ran.errors) == (0, "")
    catalogs = json.loads((tmp_path / "catalogs.json").read_text())
    english, french = catalogs["en"], catalogs["fr"]
    consoles = [catalog.pop("manage") for catalog in (english, french)]
    assert _differing(*consoles) == {"LANGUAGE", "LOCALE"}
    written = set(tomllib.loads(FRENCH))
    assert _differing(english, french) == {*written, "LANGUAGE", "LOCALE"}


def _differing(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}


def test_a_new_school_is_right_and_passes_its_own_test(
    fresh: FreshProcesses,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    new_school(Path("mine"))
    output = capsys.readouterr().out
    assert "SCHOOL_DIR=mine" in output
    assert "coursebook school check mine\n" in output
    ran = fresh.run(CHECK_AND_TEST, "mine", cwd=tmp_path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert (ran.code, ran.errors) == (0, "")
    assert "Nothing is wrong. School: Our School. Extensions: about. Languages: en, de, fr." in (
        ran.output
    )
    assert " passed" in ran.output


def test_every_mistake_of_a_school_is_one_sentence(fresh: FreshProcesses, tmp_path: Path) -> None:
    for name, text in MISTAKES.items():
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ran = fresh.run(CHECK, "mine", cwd=tmp_path)
    lines = ran.output.splitlines()
    for sentence in SENTENCES.splitlines():
        assert [line for line in lines if line.startswith(sentence)], (sentence, lines)
    assert len(lines) == len(SENTENCES.splitlines())
    assert (ran.code, ran.errors) == (1, "")
