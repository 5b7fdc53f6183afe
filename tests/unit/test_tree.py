"""The size of things: what no longer fits on a screen or two is taken apart."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 450
LONGEST_FUNCTION = 50


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


def _files() -> Iterator[Path]:
    yield from (ROOT / "coursebook").rglob("*.py")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))
