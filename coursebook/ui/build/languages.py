"""Adds the languages to the build: the modules with the texts, and the static pages."""

import json
import subprocess
from pathlib import Path
from typing import Any

import reflex as rx

from coursebook.ui.i18n import page_texts
from coursebook.ui.i18n.catalogs import ENGLISH, LANGUAGES
from coursebook.ui.reflex_compat.environment import SERVER

SHELLS = Path(__file__).parents[1] / "ssr" / "shells.mjs"


class Languages(rx.plugins.Plugin):
    """Adds the catalogues to the pages. Hot reload shows English, a build every language."""

    def pre_compile(self, **context: Any) -> None:
        """Write the modules with the texts of the pages."""
        context["add_save_task"](lambda: (f"utils/{page_texts.MODULE}", page_texts.module()))
        context["add_save_task"](lambda: (f"utils/{page_texts.TABLES}", page_texts.tables()))
        context["add_save_task"](lambda: (page_texts.MANAGE_MODULE, page_texts.manage_module()))

    def post_build(self, **context: Any) -> None:
        """Render the static pages in the other languages, before Reflex compresses the build."""
        client = Path(context["static_dir"])
        notes = shell_notes()
        server = client.parent.parent.joinpath(*SERVER)
        command = ["node", SHELLS, server, client, json.dumps(notes["shells"]), *notes["languages"]]
        subprocess.run(command, check=True)  # noqa: S603 - Node of our own tools, from PATH


def shell_notes() -> dict[str, Any]:
    """Return the pages that the build leaves without content, and all languages, English first."""
    from coursebook.ui.pages import SITE  # noqa: PLC0415 - rxconfig.py is read first

    return {
        "shells": [{"path": page.sample, "file": page.shell} for page in SITE.private_shells],
        "languages": [ENGLISH, *(language for language in LANGUAGES if language != ENGLISH)],
    }
