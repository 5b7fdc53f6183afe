"""Parses the texts of our pages at import: once for all programs that a warm process forks.

An edited file is parsed again by the program that reads it.
"""

from contextlib import suppress
from pathlib import Path

from coursebook.school.texts import parsed_toml

TEXTS = Path(__file__).resolve().parents[2] / "ui" / "i18n"

for _path in sorted(TEXTS.rglob("*.toml")):
    with suppress(ValueError):  # the program that reads it reports the mistake
        parsed_toml(_path)
