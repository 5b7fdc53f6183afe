"""Reads `school.toml`. Every mistake becomes one sentence that names file, line and key."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from coursebook.school.brand import DEFAULT_NAME, School
from coursebook.school.colours import DARK, HEX, LIGHT, Scheme, problem_of, readable
from coursebook.school.errors import SchoolError, report
from coursebook.settings import MAIL_ADDRESS, SchoolSettings

FILE = "school.toml"
MAX_LENGTHS = {
    "name": 120,
    "address": 300,
    "email": 254,
    "timezone": 64,
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

    A folder or file that does not exist gives the plain product. SCHOOL_NAME, SCHOOL_EMAIL,
    SCHOOL_ADDRESS and SCHOOL_TIMEZONE win over the file.
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
        timezone=settings.school_timezone or school.timezone,
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
            self._report("email", "must be an email address such as hello@school.example")
        if "timezone" in values and values["timezone"] not in available_timezones():
            self._report("timezone", "must be a time zone such as Europe/Lisbon")
        for key in ENDINGS:
            self._check_asset(key, values.get(key, ""))
        fields: dict[str, Any] = {**values, **self._accents(values)}
        return replace(plain, **fields)

    def _parsed(self) -> Mapping[str, Any]:
        try:
            return tomllib.loads(self._source())
        except tomllib.TOMLDecodeError as error:
            report(SchoolError(f"{self.shown} is not valid TOML: {error}."))
            return {}

    def _source(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            report(SchoolError(f"{self.shown} is not in UTF-8: save it in that encoding."))
        except OSError as error:
            report(SchoolError(f"{self.shown} cannot be read: {error.strerror}."))
        return ""

    def _texts(self, values: Mapping[str, Any]) -> dict[str, str]:
        texts: dict[str, str] = {}
        for key, value in values.items():
            if key not in MAX_LENGTHS:
                near = get_close_matches(key, MAX_LENGTHS, 1)
                hint = f"did you mean {near[0]}" if near else f"the keys are {_list(MAX_LENGTHS)}"
                self._report(key, f"is not a key of this file; {hint}")
            elif not isinstance(value, str):
                self._report(key, "must be a text in quotes")
            elif len(value) > MAX_LENGTHS[key]:
                self._report(key, f"must have at most {MAX_LENGTHS[key]} characters")
            elif not value.isprintable():
                self._report(key, "must be one line without control characters")
            elif value.strip():
                texts[key] = value.strip()
        return texts

    def _check_address(self, key: str, value: str) -> None:
        parts = urlsplit(value)
        is_local = value.startswith("/") and not value.startswith(("//", "/\\"))
        if value and not is_local and not (parts.scheme in ("https", "http") and parts.hostname):
            self._report(key, "must be an address such as https://school.example/imprint")

    def _check_asset(self, key: str, value: str) -> None:
        if not value:
            return
        endings = ENDINGS[key]
        if not _ASSET.fullmatch(value) or not value.endswith(endings):
            self._report(key, f"must be the name of a {' or '.join(endings)} file in assets")
            return
        assets = (self.path.parent / "assets").resolve()
        file = (assets / value).resolve()
        if not file.is_file() or not file.is_relative_to(assets):
            self._report(key, f"there is no file {value} in {self.shown.parent / 'assets'}")

    def _accents(self, values: Mapping[str, str]) -> Mapping[str, str]:
        if "accent" not in values:
            if "accent_dark" in values:
                self._report("accent_dark", "needs accent beside it, the colour in light mode")
            return {}
        accent = self._colour("accent", values["accent"], LIGHT)
        if "accent_dark" in values:
            accent_dark = self._colour("accent_dark", values["accent_dark"], DARK)
        else:  # a light variant of the accent can be read on a dark page
            accent_dark = readable(accent, DARK) if accent else ""
        return {"accent": accent, "accent_dark": accent_dark}

    def _colour(self, key: str, value: str, scheme: Scheme) -> str:
        colour = value.lower()
        if not HEX.fullmatch(colour):
            self._report(key, "must be a colour such as #17594a")
            return ""
        if problem := problem_of(colour, scheme):
            self._report(key, problem)
        return colour

    def _report(self, key: str, sentence: str) -> None:
        lines = self._source().splitlines()
        pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]|\s*\[\s*{re.escape(key)}")
        number = next((n for n, line in enumerate(lines, 1) if pattern.match(line)), 0)
        place = f"{self.shown}, line {number}" if number else str(self.shown)
        report(SchoolError(f"{place}: {key}: {sentence}."))


def _list(names: Mapping[str, object]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}"
