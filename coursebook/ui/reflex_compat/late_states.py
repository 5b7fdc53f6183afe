"""States that only some pages have: their initial values come with a module of those pages.

Reflex puts the initial values of every state into the file of every page. The module adds its
states to the store of the tab when it is loaded: before the first component that reads one.
"""

import json
from pathlib import Path
from typing import Any

import reflex as rx
from reflex.compiler.utils import _compile_initial_state

from coursebook.ui.reflex_compat.text_patches import (
    CONTEXT_JSX,
    LAST_IMPORT,
    STATE_JS,
    TextPatch,
)

SCRIPT = "utils/late_states.js"
SCRIPT_SOURCE = Path(__file__).with_name("late_states.js")
_INITIAL = "export const initialState = "
_STORE = "  const [store] = useState(() => createStateStore(initialState));\n"
_UNKNOWN = "    reportUnknownSubstates(unknown);\n"
_MODULE = """\
// The initial values of the states of these pages. No other page loads them.
import "$/utils/context";
import {{ addStates }} from "$/utils/late_states";

addStates({states});
"""

CONTEXT_PATCHES = (
    TextPatch(
        CONTEXT_JSX,
        "a page adds its states to the store of the tab",
        _STORE,
        "  const [store] = useState(() => {\n"
        "    const made = createStateStore(initialState);\n"
        "    registerApp({ store: made });\n"
        "    return made;\n"
        "  });\n",
    ),
)
STATE_PATCHES = (
    TextPatch(
        STATE_JS,
        "a state whose module is not loaded is no error",
        LAST_IMPORT,
        LAST_IMPORT + 'import { keepEarly } from "$/utils/late_states";\n',
    ),
    TextPatch(
        STATE_JS,
        "a state whose module is not loaded is no error",
        _UNKNOWN,
        "    reportUnknownSubstates(unknown.filter((name) => !keepEarly(name, delta[name])));\n",
    ),
)
PATCHES = (
    *CONTEXT_PATCHES,
    *STATE_PATCHES,
    TextPatch(CONTEXT_JSX, "the initial values of all states are one object", _INITIAL, _INITIAL),
)


def script(package: str) -> str:
    """Return our script, for the states of a package such as `coursebook.ui.states.manage`."""
    late = json.dumps(_part_of_names(package))
    return f"const LATE = {late};\n{SCRIPT_SOURCE.read_text(encoding='utf-8')}"


def module(package: str) -> str:
    """Return the module with the initial values of the states of a package."""
    states: dict[str, Any] = json.loads(_compile_initial_state(rx.State)[1])
    late = {name: values for name, values in states.items() if _part_of_names(package) in name}
    return _MODULE.format(states=_json(late))


def without_states(text: str, package: str) -> str:
    """Return `context.jsx` without the initial values of the states of a package."""
    start = text.index(_INITIAL) + len(_INITIAL)
    states, end = json.JSONDecoder().raw_decode(text, start)
    late = _part_of_names(package)
    kept = {name: values for name, values in states.items() if late not in name}
    return f"{text[:start]}{_json(kept)}{text[end:]}"


def _part_of_names(package: str) -> str:
    """Return the part of the names of a package's states that no other state has."""
    return f".{package.replace('.', '___')}___"


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
