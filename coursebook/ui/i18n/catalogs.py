"""The catalogues as they are read from their files, once."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ENGLISH = "en"
"""What everybody reads whose languages we do not have; the measure of the other catalogues."""

LANGUAGES = (ENGLISH, *sorted({p.stem for p in HERE.glob("*.toml")} - {ENGLISH}))


def folder_of(language: str) -> str:
    """Return where the static pages of a language begin: "/_de"; "" for English."""
    return "" if language == ENGLISH else f"/_{language}"


class Words:
    """The texts of one language: `of("de").FREE`; tables are mappings: `STATUS["failed"]`.

    `page` holds what the pages themselves say; what Python puts together is not in it.
    """

    def __init__(self, language: str, page: Mapping[str, Any], said: Mapping[str, Any]) -> None:
        self.language, self.page = language, page
        self._all = {**page, **said}

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
    """Return the same sentence in another language, or as it is when we do not know it.

    For what comes ready from elsewhere: refusals of the services, reasons of a bank.
    """
    name = _english_names().get(english)
    if name is None or language == ENGLISH:
        return english
    found = of(language)
    for part in name:
        found = found[part] if isinstance(found, Mapping) else getattr(found, part)
    return str(found)


READY = ("REFUSAL", "DETAIL", "DECLINE", "INBOX_CAUSE", "INBOX_MONEY")
"""Tables of sentences that other parts of the product have ready, in English."""


@cache
def _english_names() -> Mapping[str, tuple[str, ...]]:
    return {text: name for name, text in of(ENGLISH) if name[0] in READY}


def _texts(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts and tables of a section; names in small letters only group others."""
    found: dict[str, Any] = {}
    for name, value in section.items():
        texts = {name: value} if name.isupper() else _texts(value)
        twice = found.keys() & texts.keys()
        if twice:
            raise ValueError(f"Texts with the same name: {', '.join(sorted(twice))}.")
        found.update(texts)
    return found
