"""The texts of components, looked up at render time in the language of the page.

A component compiles to `words.BOOK_NOW`, a look-up in a small generated module. On the server the
module uses the language of the request. In the browser it reads the catalogue in the page, so that
no other language is loaded.
"""

import json
from collections.abc import Mapping
from typing import Any

import reflex as rx

from coursebook.ui.i18n.brand_texts import brand_texts
from coursebook.ui.i18n.catalogs import ENGLISH, LANGUAGES, of
from coursebook.ui.reflex_compat.components import imported_text, imported_value
from coursebook.ui.reflex_compat.server_rendering import CATALOGS, STATES

MODULE = "words.js"
MODULE_PATH = "$/utils/words"
TABLES = "catalogues.js"
ELEMENT = "coursebook-words"

_SCRIPT = """\
// Made from the catalogues in coursebook/ui/i18n. The browser's copy has no catalogue in it.
import built from "./catalogues.js";

const catalogues = import.meta.env.SSR ? (globalThis.{catalogs} ?? built) : {{}};
const text = import.meta.env.SSR ? "" : document.getElementById("{element}").textContent;
const language = () => globalThis.{states}?.getStore()?.language ?? "{english}";

export const words = import.meta.env.SSR
  ? new Proxy({{}}, {{ get: (_, name) => catalogues[language()][name] }})
  : JSON.parse(text);
// A "<" could end the script early; as an escape it is the same text.
export const wordsText = () =>
  import.meta.env.SSR
    ? JSON.stringify(catalogues[language()]).replaceAll("<", "\\u003c")
    : text;
"""


def page_text(name: str) -> Any:
    """Return a text of the pages as a Var, or a mapping or list of them. Raises AttributeError."""
    texts = {**of(ENGLISH).page, **brand_texts()}
    if name not in texts:
        raise AttributeError(f"No text of the pages is called {name}; see [page…] of en.toml.")
    if isinstance(texts[name], Mapping):
        return {key: _var(f"words.{name}.{key}") for key in texts[name]}
    if isinstance(texts[name], list):
        return imported_value(f"words.{name}", MODULE_PATH, "words", list[dict[str, str]])
    return _var(f"words.{name}")


def catalogue_element() -> rx.Component:
    """Return the script element with the page's catalogue for the browser."""
    return rx.el.script(
        id=ELEMENT,
        type="application/json",
        custom_attrs={"dangerouslySetInnerHTML": _var("({__html: wordsText()})", "wordsText")},
    )


def module() -> str:
    """Return the source of the module with the texts of the page."""
    return _SCRIPT.format(element=ELEMENT, english=ENGLISH, states=STATES, catalogs=CATALOGS)


def tables() -> str:
    """Return the source of the module with all catalogues, for the server's bundle only."""
    return f"export default {json.dumps(page_catalogs(), ensure_ascii=False, indent=1)};\n"


def page_catalogs() -> dict[str, dict[str, Any]]:
    """Return the texts of the pages in each language, English first."""
    return {language: {**of(language).page, **brand_texts()} for language in LANGUAGES}


def _var(expression: str, tag: str = "words") -> Any:
    return imported_text(expression, MODULE_PATH, tag)
