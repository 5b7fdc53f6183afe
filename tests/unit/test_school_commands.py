"""`coursebook school new` and `school check`; `integration/test_walks.py` runs them on schools."""

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
