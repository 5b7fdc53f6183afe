"""What Vite bundles, and what the root and the document of all pages contain."""

import re

from coursebook.ui.reflex_compat.text_patches import (
    DOCUMENT_JS,
    ROOT_JSX,
    VITE_CONFIG,
    TextPatch,
)

EMOTION = "@emotion/react"
"""The package through which Reflex draws every element."""
_ALIASES = "    alias: [\n"
_ALIAS = """\
      {{
        find: "{module}",
        replacement: fileURLToPath(new URL("./{file}", import.meta.url)),
      }},
"""
_GROUPS = "          groups: [\n"
_GROUP = """\
            {{
              test: /{test}/,
              name: "{name}",
              priority: 1,
            }},
"""


def alias(module: str, file: str) -> TextPatch:
    """Return the patch that makes Vite take a file of the web folder for a module."""
    added = _ALIAS.format(module=module, file=file)
    why = f"{file} stands in for {module}"
    return TextPatch(VITE_CONFIG, why, _ALIASES, _ALIASES + added)


def chunk(name: str, test: str) -> TextPatch:
    """Return the patch that bundles the modules whose paths match into one file."""
    added = _GROUP.format(name=name, test=test)
    why = f"one file {name} instead of several with the same packages"
    return TextPatch(VITE_CONFIG, why, _GROUPS, _GROUPS + added)


WITHOUT_WHOLE_MODULES = TextPatch(
    ROOT_JSX,
    "scripts that the server sends would get whole modules; our policy runs no such scripts",
    re.compile(r"  useEffect\(\(\) => \{\n    // Make contexts.*?\n  \}, \[\]\);\n", re.DOTALL),
    "",
)
WITHOUT_COLOUR_SCRIPT = TextPatch(
    DOCUMENT_JS,
    "a script would choose the colours before the page is drawn; ours are those of the system",
    re.compile(r'jsx\("script",\{\},"\\n// Only run in browser environment(?:[^"\\]|\\.)*"\),'),
    "",
)
PATCHES = (
    alias(EMOTION, "utils/light/element.js"),
    chunk("base", "node_modules"),
    WITHOUT_WHOLE_MODULES,
    WITHOUT_COLOUR_SCRIPT,
)
