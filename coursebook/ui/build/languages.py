"""What the build does about languages: the module with the texts, and the static pages in each."""

import subprocess
from pathlib import Path
from typing import Any

import reflex as rx

from coursebook.ui.i18n import page_texts
from coursebook.ui.i18n.catalogs import ENGLISH, LANGUAGES
from coursebook.ui.reflex_compat.environment import SERVER

SHELLS = Path(__file__).parents[1] / "ssr" / "shells.mjs"


class Languages(rx.plugins.Plugin):
    """Brings the catalogues into the pages. Hot reload shows English, a build every language."""

    def pre_compile(self, **context: Any) -> None:
        """Write the modules that the pages look their texts up in."""
        context["add_save_task"](lambda: (f"utils/{page_texts.MODULE}", page_texts.module()))
        context["add_save_task"](lambda: (f"utils/{page_texts.TABLES}", page_texts.tables()))

    def post_build(self, **context: Any) -> None:
        """Draw the static pages in the other languages, before Reflex compresses what was built."""
        client = Path(context["static_dir"])
        others = [language for language in LANGUAGES if language != ENGLISH]
        server = client.parent.parent.joinpath(*SERVER)
        subprocess.run(["node", SHELLS, server, client, ENGLISH, *others], check=True)  # noqa: S603, S607 - Node of our own tools, from PATH
