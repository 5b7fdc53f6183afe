"""Reads and checks a file of texts, for the pages and for the mails."""

import tomllib
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from coursebook.school.errors import SchoolError, report


def read_toml(path: Path) -> dict[str, Any]:
    """Return the contents of a TOML file. Reports a SchoolError."""
    try:
        return parsed_toml(path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        report(SchoolError(f"{path} is not valid TOML: {error}."))
        return {}


def parsed_toml(path: Path) -> dict[str, Any]:
    """Return the contents of a TOML file, parsed once while it stays the same. Never change them.

    Raises tomllib.TOMLDecodeError, UnicodeDecodeError and OSError.
    """
    state = path.stat()
    return _parsed(path, state.st_mtime_ns, state.st_size)


@cache
def _parsed(path: Path, _changed_at: int, _size: int) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def check_placeholders(label: str, text: str, english: str | None) -> None:
    """Raise SchoolError for a single brace, or a placeholder that the English text lacks.

    `label` names the text and its file. A text without an English one may use any placeholder.
    """
    try:
        names = placeholders(text)
    except ValueError:
        raise SchoolError(f"{label} has a brace without its other half.") from None
    if english is None:
        return
    allowed = placeholders(english)
    if unknown := sorted(names - allowed):
        may = ", ".join(f"{{{name}}}" for name in sorted(allowed)) or "none"
        raise SchoolError(
            f"{label} has the placeholder {{{unknown[0]}}}, which this text does not have; it may "
            f"use {may}."
        )


def placeholders(text: str) -> set[str]:
    """Return the names in braces. Raises ValueError for a single brace."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
