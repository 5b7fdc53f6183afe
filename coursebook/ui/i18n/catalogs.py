"""The text catalogues, read from their files and cached."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ENGLISH = "en"
"""The fallback language, and the reference for the other catalogues."""

LANGUAGES = (ENGLISH, *sorted({p.stem for p in HERE.glob("*.toml")} - {ENGLISH}))


def folder_of(language: str) -> str:
    """Return the path prefix of the static pages of a language: "/_de"; "" for English."""
    return "" if language == ENGLISH else f"/_{language}"


class Words:
    """The texts of one language: `of("de").FREE`; tables are mappings: `STATUS["failed"]`.

    `page` has the texts of components; those that Python formats are not in it.
    """

    def __init__(self, language: str, page: Mapping[str, Any], server: Mapping[str, Any]) -> None:
        self.language, self.page = language, page
        self._all = {**page, **server}

    def __getattr__(self, name: str) -> Any:
        try:
            return self._all[name]
        except KeyError:
            raise AttributeError(f"No text is called {name}; see {self.language}.toml.") from None

    def __iter__(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield every text with its name: `("FREE",)`, `("STATUS", "failed")`."""
        for name, value in self._all.items():
            if isinstance(value, str):
                yield (name,), value
            else:
                yield from (((name, key), text) for key, text in value.items())


@cache
def of(language: str) -> Words:
    """Return the texts of a language of `LANGUAGES`."""
    parts = tomllib.loads((HERE / f"{language}.toml").read_text(encoding="utf-8"))
    return Words(language, _texts(parts["page"]), _texts(parts["said"]))


def text_of(english: str, language: str) -> str:
    """Return an English sentence in another language, or unchanged without a translation.

    For sentences that other layers provide: refusals of the services, decline reasons.
    """
    name = _english_names().get(english)
    if name is None or language == ENGLISH:
        return english
    text = of(language)
    for part in name:
        text = text[part] if isinstance(text, Mapping) else getattr(text, part)
    return str(text)


READY = ("REFUSAL", "DETAIL", "DECLINE", "INBOX_CAUSE", "INBOX_MONEY")
"""Tables of sentences that other layers provide in English."""


@cache
def _english_names() -> Mapping[str, tuple[str, ...]]:
    return {text: name for name, text in of(ENGLISH) if name[0] in READY}


def _texts(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts and tables of a section; lower-case names are only groups."""
    merged: dict[str, Any] = {}
    for name, value in section.items():
        texts = {name: value} if name.isupper() else _texts(value)
        duplicates = merged.keys() & texts.keys()
        if duplicates:
            raise ValueError(f"Texts with the same name: {', '.join(sorted(duplicates))}.")
        merged.update(texts)
    return merged
