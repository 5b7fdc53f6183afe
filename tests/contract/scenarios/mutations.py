"""Mutations of an answer: a field renamed, of a wrong type, missing, or one added."""

import copy
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def mutations(value: Any) -> Iterator[tuple[str, Path, Any]]:
    """Yield each broken copy of a JSON object with a description of the change."""
    for path in _objects(value):
        yield "stranger", path, _changed(value, path, lambda node: node.update(stranger=1))
        for key in list(_at(value, path)):
            here = (*path, key)
            yield "renamed", here, _changed(value, path, lambda n, k=key: _rename(n, k))
            yield "wrong kind", here, _changed(value, path, lambda n, k=key: _bend(n, k))
            yield "gone", here, _changed(value, path, lambda n, k=key: n.pop(k))


def _objects(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in parts:
        if isinstance(part, dict | list):
            yield from _objects(part, (*path, key))


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _changed(value: Any, path: Path, change: Any) -> Any:
    broken = copy.deepcopy(value)
    change(_at(broken, path))
    return broken


def _rename(node: dict[str, Any], key: str) -> None:
    node[f"{key}_"] = node.pop(key)


def _bend(node: dict[str, Any], key: str) -> None:
    node[key] = 7.5 if isinstance(node[key], list) else [[7]]
