"""What a warm process may keep of our sources, and which edits need another one."""

import subprocess
import sys
from pathlib import Path

import pytest

from coursebook.run.paths import PACKAGE, ROOT
from coursebook.run.supervisor.warm_sources import BELOW_PAGES, WarmSources

IMPORT = """
import sys
from importlib import import_module
for name in {names}: import_module(name)
print([name for name in sys.modules if name.startswith(("coursebook.ui", "coursebook_school"))])
"""


@pytest.fixture
def school(tmp_path: Path) -> Path:
    for name in ("school.toml", "words/en.toml", "teachers/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    "path",
    [
        PACKAGE / "ui" / "pages" / "home.py",
        PACKAGE / "ui" / "i18n" / "en.toml",
        ROOT / "assets" / "theme.css",
        "words/en.toml",
        "teachers/__init__.py",
    ],
)
def test_pages_and_texts_are_not_in_it(school: Path, path: Path) -> None:
    assert WarmSources(school).are_as_imported([str(school / path)])


@pytest.mark.parametrize(
    "path",
    [
        PACKAGE / "services" / "views.py",
        PACKAGE / "mail" / "i18n" / "en.toml",
        "school.toml",
        "words/fr.toml",
    ],
)
def test_everything_below_and_the_brand_are(school: Path, path: Path) -> None:
    edits = [str(PACKAGE / "ui" / "page.py"), str(school / path)]
    assert not WarmSources(school).are_as_imported(edits)


def test_a_file_that_is_gone_may_have_been_a_whole_extension(school: Path) -> None:
    sources = WarmSources(school)
    (school / "teachers" / "__init__.py").unlink()
    assert not sources.are_as_imported([str(school / "teachers" / "__init__.py")])


def test_it_imports_neither_pages_nor_extensions(tmp_path: Path) -> None:
    (tmp_path / "teachers").mkdir()
    (tmp_path / "teachers" / "__init__.py").write_text("raise ValueError")
    ran = subprocess.run(
        [sys.executable, "-c", IMPORT.format(names=BELOW_PAGES)],
        env={"PATH": "", "SCHOOL_DIR": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "[]\n"
