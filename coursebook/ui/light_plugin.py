"""What the build leaves out, so that a first visit is lighter.

Reflex draws every element through Emotion, which turns a `css` property into a class at run
time. The kit has classes already, so a few lines take its place: 21 KB of JavaScript less, no
`<style>` in the middle of a page, and an element costs what React itself takes for it.
"""

from typing import Any

import reflex as rx
from reflex_base import constants
from reflex_base.environment import environment

from coursebook.ui.build_plugin import replace_once

SHIM = "utils/element.js"
SHIM_TEXT = """\
// Stands for @emotion/react. A `css` property, should one come, becomes a plain style.
import { createElement } from "react";

export { Fragment } from "react";

export function jsx(type, props, ...children) {
  if (!props?.css) return createElement(type, props, ...children);
  const { css, ...rest } = props;
  return createElement(type, { ...rest, style: { ...css, ...rest.style } }, ...children);
}
"""
VITE = "vite.config.js"
ALIAS_ANCHOR = "    alias: [\n"
ALIAS = """\
    alias: [
      {
        find: "@emotion/react",
        replacement: fileURLToPath(new URL("./utils/element.js", import.meta.url)),
      },
"""
GROUP_ANCHOR = "          groups: [\n"
GROUP = """\
          groups: [
            {
              test: /lucide-react/,
              name: "icons",
            },
"""


class LightPages(rx.plugins.Plugin):
    """Makes the build lighter. Reflex's own development mode stays as it is."""

    def pre_compile(self, **context: Any) -> None:
        """Bring the stand-in, and tell Vite of it."""
        if environment.REFLEX_ENV_MODE.get() == constants.Env.DEV:
            return
        context["add_save_task"](lambda: (SHIM, SHIM_TEXT))
        context["add_modify_task"](VITE, lighter)


def lighter(text: str) -> str:
    """Return Vite's settings without Emotion, and with all icons in one file."""
    return replace_once(replace_once(text, ALIAS_ANCHOR, ALIAS), GROUP_ANCHOR, GROUP)
