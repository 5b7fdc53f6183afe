"""What a build notes beside the server's copy of its pages."""

from pathlib import Path
from typing import Any

from coursebook.run.build.page_costs import COSTS, StyledPage, cost_lines
from coursebook.ui.reflex_compat.environment import CLIENT, SERVER

KEY = "school.key"
"""The file of a build that says which texts and brand are in it."""
COMPILED = "compiled.json"
"""The notes of compiled pages, until they are bundled."""


def kept_folder(web: Path) -> Path:
    """Return the folder of what a build for development keeps for the next; it is made.

    It is beside the web folder, where Tailwind reads every file and takes each word for a class.
    """
    folder = web.with_name(f"{web.name}-kept")
    folder.mkdir(exist_ok=True)
    return folder


def note_build(web: Path, notes: dict[str, Any], *, is_quick: bool = False) -> None:
    """Write the notes of the pages that were built in `web`.

    `notes` has the `key` of texts and brand, and for each of the `styled` pages the parts of a
    `StyledPage`. `is_quick`: the build is for development.
    """
    server = web.joinpath(*SERVER)
    server.with_name(KEY).write_text(notes["key"], encoding="utf-8")
    pages = [StyledPage(route, file, tuple(styled)) for route, file, styled in notes["styled"]]
    costs = cost_lines(web.joinpath(*CLIENT), pages, is_quick=is_quick) if pages else []
    server.with_name(COSTS).write_text("".join(f"{line}\n" for line in costs), encoding="utf-8")
