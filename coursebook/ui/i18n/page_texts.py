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
from coursebook.ui.i18n.catalogs import ENGLISH, LANGUAGES, MANAGE, manage_of, of
from coursebook.ui.reflex_compat.components import imported_text, imported_value
from coursebook.ui.reflex_compat.server_rendering import CATALOGS, STATES

MODULE = "words.js"
MODULE_PATH = "$/utils/words"
TABLES = "catalogues.js"
ELEMENT = "coursebook-words"
MANAGE_MODULE = "manage/words.js"
"""Outside of `utils`, which is in the file of every page."""
MANAGE_PATH = "$/manage/words"
MANAGE_ELEMENT = "coursebook-manage-words"
MANAGE_HOME = "/manage"

_SCRIPT = """\
// Made from the catalogues in coursebook/ui/i18n. The browser's copy has no catalogue in it.
import built from "./catalogues.js";

const catalogues = import.meta.env.SSR ? (globalThis.{catalogs} ?? built) : {{}};
const text = import.meta.env.SSR ? "" : document.getElementById("{element}").textContent;
const language = () => globalThis.{states}?.getStore()?.language ?? "{english}";
// The texts of the request that differ from the built ones, such as the name of the school.
const changed = () => globalThis.{states}?.getStore()?.words;

export const words = import.meta.env.SSR
  ? new Proxy({{}}, {{ get: (_, name) => changed()?.[name] ?? catalogues[language()][name] }})
  : JSON.parse(text);
// A "<" could end the script early; as an escape it is the same text.
export const wordsText = () => {{
  if (!import.meta.env.SSR) return text;
  const own = {{ ...catalogues[language()], ...changed(), {manage}: undefined }};
  return JSON.stringify(own).replaceAll("<", "\\\\u003c");
}};
"""

_MANAGE_SCRIPT = """\
// The texts of the console. Its pages carry them; only they load this module, and their styles.
import "./console.css";
import "./states.js";
import built from "../utils/catalogues.js";

const catalogues = import.meta.env.SSR ? (globalThis.{catalogs} ?? built) : {{}};
const language = () => globalThis.{states}?.getStore()?.language ?? "{english}";
const textIn = (page) => page.getElementById("{element}")?.textContent;

// A step to an invitation brings no new document: the texts come from the console.
async function fetched() {{
  const answer = await fetch("{home}", {{ headers: {{ Accept: "text/html" }} }});
  const text = textIn(new DOMParser().parseFromString(await answer.text(), "text/html"));
  if (!text) throw new Error("The texts of the console did not come.");
  return text;
}}

const text = import.meta.env.SSR ? "" : (textIn(document) ?? (await fetched()));

export const manageWords = import.meta.env.SSR
  ? new Proxy({{}}, {{ get: (_, name) => catalogues[language()].{manage}[name] }})
  : JSON.parse(text);
export const manageWordsText = () =>
  import.meta.env.SSR
    ? JSON.stringify(catalogues[language()].{manage}).replaceAll("<", "\\\\u003c")
    : text;
"""


def page_text(name: str) -> Any:
    """Return a text of the pages as a Var, or a mapping or list of them. Raises AttributeError."""
    texts = {**of(ENGLISH).page, **brand_texts()}
    if name not in texts:
        raise AttributeError(f"No text of the pages is called {name}; see [page…] of en.toml.")
    if isinstance(texts[name], Mapping):
        return {key: _var(f"words.{name}{_member(key)}") for key in texts[name]}
    if isinstance(texts[name], list):
        return imported_value(f"words.{name}", MODULE_PATH, "words", list[dict[str, str]])
    return _var(f"words.{name}")


class ManageTexts:
    """The texts of the console for its components: `i18n.manage.NEW_COURSE`."""

    def __getattr__(self, name: str) -> Any:
        """Return a text as a Var, or a mapping of them. Raises AttributeError."""
        texts = manage_of(ENGLISH).page
        if name not in texts:
            raise AttributeError(f"No text of the console is called {name}; see manage/en.toml.")
        if isinstance(texts[name], Mapping):
            return {key: _manage_var(f"manageWords.{name}{_member(key)}") for key in texts[name]}
        return _manage_var(f"manageWords.{name}")


def _member(key: str) -> str:
    """Return the JavaScript that reads a key: a number is no name."""
    return f".{key}" if key.isidentifier() else f"[{json.dumps(key)}]"


def catalogue_element() -> rx.Component:
    """Return the script element with the page's catalogue for the browser."""
    return _data(ELEMENT, _var("({__html: wordsText()})", "wordsText"))


def manage_catalogue_element() -> rx.Component:
    """Return the script element with the console's catalogue, for the pages of the console."""
    return _data(MANAGE_ELEMENT, _manage_var("({__html: manageWordsText()})", "manageWordsText"))


def module() -> str:
    """Return the source of the module with the texts of the page."""
    return _SCRIPT.format(
        element=ELEMENT, english=ENGLISH, states=STATES, catalogs=CATALOGS, manage=MANAGE
    )


def manage_module() -> str:
    """Return the source of the module with the texts of the console."""
    return _MANAGE_SCRIPT.format(
        element=MANAGE_ELEMENT,
        english=ENGLISH,
        states=STATES,
        catalogs=CATALOGS,
        manage=MANAGE,
        home=MANAGE_HOME,
    )


def tables() -> str:
    """Return the source of the module with all catalogues, for the server's bundle only."""
    return f"export default {json.dumps(page_catalogs(), ensure_ascii=False, indent=1)};\n"


def page_catalogs() -> dict[str, dict[str, Any]]:
    """Return the texts of the pages in each language, English first.

    Those of the console are one table in each.
    """
    return {
        language: {**of(language).page, **brand_texts(), MANAGE: manage_of(language).page}
        for language in LANGUAGES
    }


def _data(element_id: str, content: Any) -> rx.Component:
    return rx.el.script(
        id=element_id,
        type="application/json",
        custom_attrs={"dangerouslySetInnerHTML": content},
    )


def _var(expression: str, tag: str = "words") -> Any:
    return imported_text(expression, MODULE_PATH, tag)


def _manage_var(expression: str, tag: str = "manageWords") -> Any:
    return imported_text(expression, MANAGE_PATH, tag)
