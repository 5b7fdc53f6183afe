"""Changes to the bundle of Vite, and to the root and the document of all pages."""

import re

from coursebook.ui.reflex_compat.text_patches import (
    DOCUMENT_JS,
    ROOT_JSX,
    VITE_CONFIG,
    TextPatch,
)

TAILWIND_CSS = "styles/tailwind.css"
"""The entry of Tailwind, from which it makes the style sheet of all pages."""
EMOTION = "@emotion/react"
"""The package through which Reflex renders every element."""
_ALIASES = "    alias: [\n"
_ALIAS = """\
      {{
        find: "{module}",
        replacement: fileURLToPath(new URL("./{file}", import.meta.url)),
      }},
"""
_PLUGINS = "    reactRouter(),\n"
_PLUGIN = """\
    {{
      name: "{module}-for-some",
      enforce: "pre",
      resolveId: {{
        filter: {{ id: /^{module_pattern}$/ }},
        handler(source, importer) {{
          if (/{importers}/.test(importer ?? "")) return null;
          return fileURLToPath(new URL("./{file}", import.meta.url));
        }},
      }},
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
    why = f"{file} replaces {module}"
    return TextPatch(VITE_CONFIG, why, _ALIASES, _ALIASES + added)


def alias_except(importers: str, module: str, file: str) -> TextPatch:
    """Return the patch of `alias` for all modules but those whose paths match `importers`."""
    added = _PLUGIN.format(
        module=module,
        module_pattern=module.replace("/", r"\/"),
        importers=importers,
        file=file,
    )
    why = f"{file} replaces {module} where nothing needs it"
    return TextPatch(VITE_CONFIG, why, _PLUGINS, added + _PLUGINS)


def chunk(name: str, test: str) -> TextPatch:
    """Return the patch that bundles the modules whose paths match into one file."""
    added = _GROUP.format(name=name, test=test)
    why = f"one file {name} instead of several with the same packages"
    return TextPatch(VITE_CONFIG, why, _GROUPS, _GROUPS + added)


WITHOUT_WHOLE_MODULES = TextPatch(
    ROOT_JSX,
    "exposes whole modules to scripts sent by the server; our CSP allows no such scripts",
    re.compile(r"  useEffect\(\(\) => \{\n    // Make contexts.*?\n  \}, \[\]\);\n", re.DOTALL),
    "",
)
WITHOUT_COLOUR_SCRIPT = TextPatch(
    DOCUMENT_JS,
    "a script would set the colour mode before the first paint; ours follows the system",
    re.compile(r'jsx\("script",\{\},"\\n// Only run in browser environment(?:[^"\\]|\\.)*"\),'),
    "",
)
_CONFIG = '@config "../tailwind.config.js";\n'
TAILWIND_SOURCES = TextPatch(
    TAILWIND_CSS,
    "the sources that Tailwind does not read stand after its configuration",
    _CONFIG,
    _CONFIG,
)
PATCHES = (
    alias(EMOTION, "utils/light/element.js"),
    alias_except("routes", EMOTION, "utils/light/element.js"),
    chunk("base", "node_modules"),
    WITHOUT_WHOLE_MODULES,
    WITHOUT_COLOUR_SCRIPT,
    TAILWIND_SOURCES,
)
