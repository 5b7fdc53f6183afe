"""`coursebook school new` and `coursebook school check`, each in a process of its own."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coursebook import cli
from coursebook.run.commands.school_new import TEMPLATE, new_school
from coursebook.run.problem import CannotStart
from coursebook.school.errors import SchoolError, collecting, report
from coursebook.ui.i18n.catalogs import HERE
from coursebook.ui.i18n.text_files import our_catalog

ROOT = Path(__file__).resolve().parents[2]
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
        "    Page(route='/courses', build=build, title='Courses'), 'b'))\n"
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
The extension pages has 'b' among its pages
Two pages have the route /courses
mine/pages/__init__.py, line 3: AttributeError:
mine/mails/__init__.py, line 3: AttributeError:
The mail later: TypeError: its function must return what booking_mail returns
"""


def _python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_new_school_is_right_and_passes_its_own_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    new_school(Path("mine"))
    output = capsys.readouterr().out
    assert "SCHOOL_DIR=mine" in output
    assert "coursebook school check mine\n" in output
    ran = _python(tmp_path, "-c", CHECK_AND_TEST, "mine")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Nothing is wrong. School: Our School. Extensions: about. Languages: en, de, fr." in (
        ran.stdout
    )
    assert " passed" in ran.stdout


def test_every_mistake_is_one_sentence(tmp_path: Path) -> None:
    for name, text in MISTAKES.items():
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    program = "from coursebook.run.commands.school_check import check_school as c\nraise SystemExit"
    ran = _python(tmp_path, "-c", f"{program}(c('mine'))")
    lines = ran.stdout.splitlines()
    for sentence in SENTENCES.splitlines():
        assert [line for line in lines if line.startswith(sentence)], (sentence, lines)
    assert len(lines) == len(SENTENCES.splitlines())
    assert (ran.returncode, ran.stderr) == (1, "")


def test_nothing_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCHOOL_DIR", "school")
    Path("school").mkdir()
    new_school(None)
    toml = Path("school/school.toml")
    toml.write_text("mine")
    with pytest.raises(CannotStart, match=r"^school is there already; nothing was written\.$"):
        new_school(None)
    assert toml.read_text() == "mine"


def test_the_language_of_a_new_school_has_five_texts() -> None:
    lines = (TEMPLATE / "words" / "fr.toml").read_text().splitlines()
    assert len([line for line in lines if " = " in line]) == 5


def test_the_texts_of_a_new_school_are_none_of_ours() -> None:
    ours = our_catalog(HERE / "en.toml")
    extension = tomllib.loads((TEMPLATE / "about" / "words" / "en.toml").read_text())
    assert set(extension["page"]["about"]) & set(ours["page"] | ours["server"]) == set()


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    ran = _python(tmp_path, "-m", "coursebook.cli", "school", "check", "nowhere")
    assert ran.returncode == 2
    assert "There is no folder " in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_the_commands_take_a_folder_from_where_they_are_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path | None] = []
    monkeypatch.setattr("coursebook.run.commands.school_new.new_school", made.append)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.chdir", lambda _path: None)
    for words in (["school", "new"], ["school", "new", "mine"]):
        assert CliRunner().invoke(cli.app, words).exit_code == 0
    assert made == [None, tmp_path / "mine"]


def test_mistakes_are_collected_once_each_and_only_then() -> None:
    with pytest.raises(SchoolError):
        report(SchoolError("a"))
    with collecting() as mistakes:
        for text in ("a", "b", "a"):
            report(SchoolError(text))
    assert [str(mistake) for mistake in mistakes] == ["a", "b"]
