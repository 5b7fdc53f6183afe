"""Which pages an edit concerns: those whose module imports the edited one, directly or not."""

from pathlib import Path

import pytest

from coursebook.run.build.page_keys import PageKeys, imported_names

SOURCES = {
    "coursebook/__init__.py": "",
    "coursebook/ui/__init__.py": "",
    "coursebook/ui/kit/__init__.py": "from coursebook.ui.kit.text import lead",
    "coursebook/ui/kit/text.py": "lead = 1",
    "coursebook/ui/words.py": "",
    "coursebook/ui/pages/__init__.py": "from coursebook.ui.pages import home, about",
    "coursebook/ui/pages/home.py": "from coursebook.ui import kit",
    "coursebook/ui/pages/about.py": "def about():\n    from coursebook.ui import words",
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """The modules of a small product."""
    found = {}
    for name, source in SOURCES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        found[name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")] = path
    return found


@pytest.mark.parametrize(
    ("edited", "concerned"),
    [
        ("coursebook.ui.pages.home", {"home"}),
        ("coursebook.ui.kit.text", {"home"}),
        ("coursebook.ui.kit", {"home"}),
        ("coursebook.ui.words", {"about"}),
        ("coursebook.ui", {"home", "about"}),
        ("coursebook.ui.pages", set()),
    ],
)
def test_an_edit_concerns_the_pages_that_import_it(
    files: dict[str, Path], edited: str, concerned: set[str]
) -> None:
    before = _keys(files)
    files[edited].write_text(f"{files[edited].read_text()}\nedited = True\n")
    after = _keys(files)
    assert {name for name in before if before[name] != after[name]} == concerned


def test_what_all_pages_share_concerns_all(files: dict[str, Path]) -> None:
    before, after = _keys(files), _keys(files, "another brand")
    assert not {*before.values()} & {*after.values()}


def test_every_way_to_import_is_read() -> None:
    source = b"import a.b\nfrom c import d as e, f\nfrom . import g\nfrom .h import i\n"
    assert {*imported_names(source, "own.package")} == {
        *("a.b", "c.d", "c.f", "own.package.g", "own.package.h.i")
    }


def _keys(files: dict[str, Path], common: str = "") -> dict[str, str]:
    keys = PageKeys(files, common)
    return {name: keys.of(f"coursebook.ui.pages.{name}") for name in ("home", "about")}
