"""Reads `school.toml`. Every mistake becomes one sentence that names file, line and key."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from coursebook.school.brand import DEFAULT_NAME, School
from coursebook.school.colours import DARK, HEX, LIGHT, Scheme, problem_of, readable
from coursebook.school.errors import SchoolError
from coursebook.settings import MAIL_ADDRESS, SchoolSettings

FILE = "school.toml"
MAX_LENGTHS = {
    "name": 120,
    "address": 300,
    "email": 254,
    "imprint_url": 500,
    "privacy_url": 500,
    "footer": 300,
    "accent": 7,
    "accent_dark": 7,
    "logo": 200,
    "font": 200,
    "share_image": 200,
}
"""Every key, with the most characters of its value."""
ENDINGS = {"logo": (".svg", ".png"), "font": (".woff2",), "share_image": (".png", ".jpg")}
"""The keys that name a file in `assets`, with the kinds of files that browsers show there."""
_ASSET = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


def read_school(settings: SchoolSettings) -> School:
    """Return the school of these settings. Raises SchoolError with one sentence.

    A folder or file that does not exist gives the plain product. SCHOOL_NAME, SCHOOL_EMAIL and
    SCHOOL_ADDRESS win over the file.
    """
    folder = settings.school_dir.resolve()
    school = School(folder=folder if folder.is_dir() else None)
    path = folder / FILE
    if path.is_file():
        school = _SchoolFile(path, settings.school_dir / FILE).school(school)
    return replace(
        school,
        name=settings.school_name or school.name or DEFAULT_NAME,
        email=settings.school_email or school.email,
        address=settings.school_address or school.address,
    )


@dataclass(frozen=True)
class _SchoolFile:
    """One `school.toml`. `shown` is its path as people wrote it."""

    path: Path
    shown: Path

    def school(self, plain: School) -> School:
        values = self._texts(self._parsed())
        for key in ("imprint_url", "privacy_url"):
            self._check_address(key, values.get(key, ""))
        if not MAIL_ADDRESS.fullmatch(values.get("email") or "a@b"):
            raise self._error("email", "must be an email address such as hello@school.example")
        for key in ENDINGS:
            self._check_asset(key, values.get(key, ""))
        fields: dict[str, Any] = {**values, **self._accents(values)}
        return replace(plain, **fields)

    def _parsed(self) -> Mapping[str, Any]:
        try:
            return tomllib.loads(self._source())
        except tomllib.TOMLDecodeError as error:
            raise SchoolError(f"{self.shown} is not valid TOML: {error}.") from None

    def _source(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise SchoolError(f"{self.shown} is not in UTF-8: save it in that encoding.") from None
        except OSError as error:
            raise SchoolError(f"{self.shown} cannot be read: {error.strerror}.") from None

    def _texts(self, values: Mapping[str, Any]) -> dict[str, str]:
        texts: dict[str, str] = {}
        for key, value in values.items():
            if key not in MAX_LENGTHS:
                near = get_close_matches(key, MAX_LENGTHS, 1)
                hint = f"did you mean {near[0]}" if near else f"the keys are {_list(MAX_LENGTHS)}"
                raise self._error(key, f"is not a key of this file; {hint}")
            if not isinstance(value, str):
                raise self._error(key, "must be a text in quotes")
            if len(value) > MAX_LENGTHS[key]:
                raise self._error(key, f"must have at most {MAX_LENGTHS[key]} characters")
            if not value.isprintable():
                raise self._error(key, "must be one line without control characters")
            if value.strip():
                texts[key] = value.strip()
        return texts

    def _check_address(self, key: str, value: str) -> None:
        parts = urlsplit(value)
        is_local = value.startswith("/") and not value.startswith(("//", "/\\"))
        if value and not is_local and not (parts.scheme in ("https", "http") and parts.hostname):
            raise self._error(key, "must be an address such as https://school.example/imprint")

    def _check_asset(self, key: str, value: str) -> None:
        if not value:
            return
        endings = ENDINGS[key]
        if not _ASSET.fullmatch(value) or not value.endswith(endings):
            raise self._error(key, f"must be the name of a {' or '.join(endings)} file in assets")
        assets = (self.path.parent / "assets").resolve()
        file = (assets / value).resolve()
        if not file.is_file() or not file.is_relative_to(assets):
            raise self._error(key, f"there is no file {value} in {self.shown.parent / 'assets'}")

    def _accents(self, values: Mapping[str, str]) -> Mapping[str, str]:
        if "accent" not in values:
            if "accent_dark" in values:
                raise self._error("accent_dark", "needs accent beside it, the colour in light mode")
            return {}
        accent = self._colour("accent", values["accent"], LIGHT)
        # A light variant of the accent can be read on a dark page; the school may choose its own.
        derived = readable(accent, DARK)
        return {
            "accent": accent,
            "accent_dark": self._colour("accent_dark", values["accent_dark"], DARK)
            if "accent_dark" in values
            else derived,
        }

    def _colour(self, key: str, value: str, scheme: Scheme) -> str:
        colour = value.lower()
        if not HEX.fullmatch(colour):
            raise self._error(key, "must be a colour such as #17594a")
        if problem := problem_of(colour, scheme):
            raise self._error(key, problem)
        return colour

    def _error(self, key: str, sentence: str) -> SchoolError:
        lines = self._source().splitlines()
        pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]|\s*\[\s*{re.escape(key)}")
        number = next((n for n, line in enumerate(lines, 1) if pattern.match(line)), 0)
        place = f"{self.shown}, line {number}" if number else str(self.shown)
        return SchoolError(f"{place}: {key}: {sentence}.")


def _list(names: Mapping[str, object]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}"
