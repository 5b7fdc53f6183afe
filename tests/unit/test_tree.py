"""Size limits: lines of a file and a function, files of a folder."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 450
LONGEST_FUNCTION = 50
MAX_FILES = 28
MAX_FILES_OF = {
    "coursebook/services": 14,
    "coursebook/sandbox": 14,
    "coursebook/persistence": 8,
    "coursebook/ui": 8,
    "coursebook/api": 6,
}
"""Modules beside each other; what is more gets rooms."""


def test_no_file_of_the_product_is_too_long() -> None:
    lengths = {_name(path): path.read_text().count("\n") for path in _files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_of_the_product_is_too_long() -> None:
    long = {
        f"{_name(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in _files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: length for name, length in long.items() if length > LONGEST_FUNCTION} == {}


def test_no_folder_of_the_product_has_too_many_files() -> None:
    folders = {_name(path.parent) for path in _files()}
    counts = {folder: len(list((ROOT / folder).glob("*.py"))) for folder in folders}
    over = {f: n for f, n in counts.items() if n > MAX_FILES_OF.get(f, MAX_FILES)}
    assert over == {}


def test_no_module_repeats_the_name_of_its_folder() -> None:
    repeated = {_name(path) for path in _files() if path.stem == path.parent.name}
    assert repeated - {"coursebook/coursebook.py"} == set()  # Reflex wants the app there


def _files() -> Iterator[Path]:
    yield from (ROOT / "coursebook").rglob("*.py")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))
