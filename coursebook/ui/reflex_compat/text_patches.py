"""Changes to the text of files that Reflex generates, each tied to an anchor in that text.

They are applied by the save and modify tasks of Reflex's plugins. When an upgrade moves an anchor,
the build stops instead of shipping pages without the change.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from reflex_base import constants
from reflex_base.environment import environment

from coursebook.ui.reflex_compat.seams import BrokenSeamError

STATE_JS = "utils/state.js"
"""Reflex's event loop in the browser. A template, copied as it is."""
CONTEXT_JSX = "utils/context.jsx"
"""The initial state and its stores."""
VITE_CONFIG = "vite.config.js"
ROOT_JSX = "app/root.jsx"
DOCUMENT_JS = "app/_document.js"
ENTRY_SERVER = "app/entry.server.jsx"
"""Reflex has none; React Router then uses its default."""
LAST_IMPORT = 'import { uploadFiles } from "$/utils/helpers/upload";\n'
"""A line among the imports of `state.js`, after which ours are added."""


@dataclass(frozen=True)
class TextPatch:
    """Replaces `anchor`, which occurs exactly once in a file of the web folder, for a reason."""

    file: str
    why: str
    anchor: str | re.Pattern[str]
    replacement: str

    def apply(self, text: str) -> str:
        """Return the changed text. Raises BrokenSeamError."""
        count = self.count(text)
        if count != 1:
            raise BrokenSeamError([f"{self.file} has {self._name()} {count} times: {self.why}"])
        if isinstance(self.anchor, str):
            return text.replace(self.anchor, self.replacement)
        return self.anchor.sub(lambda _match: self.replacement, text)

    def count(self, text: str) -> int:
        """Return how often the anchor occurs in a text."""
        if isinstance(self.anchor, str):
            return text.count(self.anchor)
        return len(self.anchor.findall(text))

    def _name(self) -> str:
        anchor = self.anchor if isinstance(self.anchor, str) else self.anchor.pattern
        return repr(anchor.strip()[:80])


def apply_all(patches: Iterable[TextPatch], text: str) -> str:
    """Apply patches of one file in their order. Raises BrokenSeamError."""
    for patch in patches:
        text = patch.apply(text)
    return text


def template(file: str) -> str:
    """Return a file that Reflex copies unchanged into the web folder."""
    return (Path(constants.Templates.Dirs.WEB_TEMPLATE) / file).read_text(encoding="utf-8")


def is_development() -> bool:
    """Return whether the build is for Reflex's development server, which gets almost no patches."""
    return environment.REFLEX_ENV_MODE.get() == constants.Env.DEV
