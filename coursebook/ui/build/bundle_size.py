"""What the build leaves out, so that a first visit is lighter.

Reflex draws every element through Emotion, which turns a `css` property into a class at run
time. The kit has classes already, so a few lines take its place: 21 KB of JavaScript less, no
`<style>` in the middle of a page, and an element costs what React itself takes for it. Other parts
are for what these pages do not do: cookies and uploads of Reflex, a switch for the colours, scripts
that the server sends, a socket that is no WebSocket.
"""

import re
from pathlib import Path
from typing import Any

import reflex as rx
from reflex_base import constants
from reflex_base.environment import environment

from coursebook.ui.build.same_origin import replace_once

HERE = Path(__file__).parents[1] / "bundle_stubs"
STAND_INS = {
    "@emotion/react": "element.js",
    "universal-cookie": "cookies.js",
    "$/utils/react-theme": "theme.js",
    "$/utils/helpers/upload": "upload.js",
    "./transports/index.js": "transports.js",
}
"""What stands for which module; each says in its first line why it does."""
VITE, ROOT, CONTEXT = "vite.config.js", "app/root.jsx", "utils/context.jsx"
DOCUMENT = "app/_document.js"
ALIAS_ANCHOR = "    alias: [\n"
ALIAS = """\
      {{
        find: "{name}",
        replacement: fileURLToPath(new URL("./utils/light/{file}", import.meta.url)),
      }},
"""
GROUP_ANCHOR = "          groups: [\n"
EVERYWHERE = (
    r"node_modules[\\/](react|scheduler|@?socket\.io|engine\.io|lucide|mergician|cookie)",
    r"identity[\\/]shell[\\/](?!clerk_room)",
    r"[\\/]utils[\\/]",
    r"env\.json",
)
"""The modules that every page has. What comes later, such as Clerk's form, stays by itself."""
GROUP = f"""\
          groups: [
            {{
              test: /{"|".join(EVERYWHERE)}/,
              name: "base",
              priority: 1,
            }},
"""
WHOLE_MODULES = re.compile(
    r"  useEffect\(\(\) => \{\n    // Make contexts.*?\n  \}, \[\]\);\n", re.DOTALL
)
"""Hands whole modules to scripts that the server sends; our policy runs none of them."""
COLOUR_SWITCH = re.compile(
    r'jsx\("script",\{\},"\\n// Only run in browser environment(?:[^"\\]|\\.)*"\),'
)
"""Puts the colours somebody chose into the page; ours are those of the system (theme.css)."""
NO_COOKIES = 'export const clientStorage = {"cookies": {}, '


class LightPages(rx.plugins.Plugin):
    """Makes the build lighter. Reflex's own development mode stays as it is."""

    def pre_compile(self, **context: Any) -> None:
        """Bring the stand-ins, and tell Vite of them."""
        if environment.REFLEX_ENV_MODE.get() == constants.Env.DEV:
            return
        for file in STAND_INS.values():
            context["add_save_task"](_stand_in, file)
        context["add_modify_task"](VITE, lighter)
        context["add_modify_task"](ROOT, without_whole_modules)
        context["add_modify_task"](DOCUMENT, without_colour_switch)
        context["add_modify_task"](CONTEXT, without_cookies)


def lighter(text: str) -> str:
    """Return Vite's settings with our stand-ins, and with all that pages share in one file.

    Five files of the same packages are 4 KB more, and five requests.
    """
    aliases = (ALIAS.format(name=name, file=file) for name, file in STAND_INS.items())
    text = replace_once(text, ALIAS_ANCHOR, ALIAS_ANCHOR + "".join(aliases))
    return replace_once(text, GROUP_ANCHOR, GROUP)


def without_whole_modules(text: str) -> str:
    """Return the root of the pages, so that of each module only what is used is bundled."""
    return _without(WHOLE_MODULES, text)


def without_colour_switch(text: str) -> str:
    """Return the frame of all pages without the script for colours."""
    return _without(COLOUR_SWITCH, text)


def without_cookies(text: str) -> str:
    """Return the text as it is. Raises when a state wants a cookie, which we leave out."""
    return replace_once(text, NO_COOKIES, NO_COOKIES)


def _without(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return replace_once(text, found[0] if found else pattern.pattern, "")


def _stand_in(file: str) -> tuple[str, str]:
    return f"utils/light/{file}", (HERE / file).read_text(encoding="utf-8")
