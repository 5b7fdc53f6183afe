"""Which sources each Python module with pages is made of, as one hash for each."""

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

SITE = "coursebook.ui.pages"
"""The package that imports all pages. It is no source of any, but the parent of ours."""


class PageKeys:
    """Reads the imports of modules. `files` are the sources by the names of their modules.

    `read` has the names that were read before, by the hash of the source, and gets those of now.
    """

    def __init__(
        self, files: Mapping[str, Path], common: str, read: dict[str, list[str]] | None = None
    ) -> None:
        self._files, self._common = files, common
        self._read = {} if read is None else read
        self._digest = cache(self._digest_of)
        self._imports = cache(self._imports_of)

    def of(self, module: str) -> str:
        """Return the hash of a module, of all that it imports, and of what all pages share."""
        digest = hashlib.sha256(self._common.encode())
        for name in sorted(self._closure(module)):
            digest.update(f"{name} {self._digest(name)}\n".encode())
        return digest.hexdigest()

    def _closure(self, module: str) -> set[str]:
        found, pending = {module}, [module]
        while pending:
            new = self._imports(pending.pop()) - found
            found |= new
            pending += new
        return found

    def _digest_of(self, name: str) -> str:
        return hashlib.sha256(self._files[name].read_bytes()).hexdigest()

    def _imports_of(self, name: str) -> frozenset[str]:
        path = self._files[name]
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        key = f"{package} {self._digest(name)}"
        if key not in self._read:
            self._read[key] = sorted({*imported_names(path.read_bytes(), package)})
        found = self._read[key]
        wanted = {part for one in (*found, name) for part in _with_parents(one)}
        return frozenset(part for part in wanted if part in self._files and not _is_list(part))


def imported_names(source: bytes, package: str) -> Iterator[str]:
    """Yield the names that a module imports, anywhere in it: modules, or things in modules."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def loaded_files(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the sources below `folders` of all modules that are imported now."""
    below = tuple(f"{folder}/" for folder in folders)
    return {
        name: Path(file)
        for name, module in list(sys.modules.items())
        if (file := getattr(module, "__file__", None)) and file.startswith(below)
    }


def _with_parents(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]


def _is_list(name: str) -> bool:
    return name == SITE
