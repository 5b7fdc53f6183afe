"""`python -m coursebook.run.build.export`: compile the pages and bundle them with Vite.

It runs as its own process, since it imports Reflex and the whole product. Unlike `reflex export`
it does not change `.gitignore` and does not measure the speed of two registries. For
`coursebook run --reload` it only compiles: the supervisor keeps a bundler (`bundler.py`).
"""

import gc
import json
import os
import sys
from importlib import import_module
from types import ModuleType

from coursebook import school
from coursebook.identity.provider import pins
from coursebook.run.build.notes import COMPILED, kept_folder, note_build
from coursebook.run.build.school_pages import school_key
from coursebook.run.build.ui_build import WRONG_PAGE
from coursebook.run.paths import PROJECT, is_reloading, web_folder
from coursebook.run.quick_exit import exit_at_once

SITE_PACKAGES = "/site-packages/"


def main() -> None:
    """Build into the web folder. Exits with an error code when Reflex or Vite fails."""
    school.current()  # read before the working folder changes: its settings may be in `.env`
    os.chdir(PROJECT)
    from coursebook.ui.reflex_compat import page_build  # noqa: PLC0415  reads the environment

    page_build.lay_out()
    _check_pages()
    notes = {"key": school_key(school.current()), "styled": _styled_pages()}
    if is_reloading():
        from coursebook.run.build.known_pages import compile_changed_pages  # noqa: PLC0415

        compile_changed_pages()
        libraries = [name for name, module in sys.modules.items() if _is_library(module)]
        text = json.dumps({**notes, "libraries": libraries})
        (kept_folder(web_folder()) / COMPILED).write_text(text, encoding="utf-8")
    else:
        page_build.export_pages()
        note_build(web_folder(), notes)
    _tidy_pins()


def _check_pages() -> None:
    """Exit with one sentence when the declaration of a page is wrong, ours or an extension's."""
    from coursebook.extensions.declaration import ExtensionError  # noqa: PLC0415  as above
    from coursebook.ui.page import PageError  # noqa: PLC0415  as above

    try:
        for page in import_module("coursebook.ui.pages").SITE.pages:
            _ = page.drawing  # builds the page of an extension
    except (ExtensionError, PageError) as error:
        print(error)
        sys.exit(WRONG_PAGE)


def _is_library(module: ModuleType) -> bool:
    return SITE_PACKAGES in (getattr(module, "__file__", None) or "")


def _styled_pages() -> list[tuple[str, str, tuple[str, ...]]]:
    from coursebook.ui.pages import SITE  # noqa: PLC0415  as above
    from coursebook.ui.reflex_compat.component_tree import page_file  # noqa: PLC0415  as above

    return [
        (page.route, page_file(page.route).removesuffix(".jsx"), page.drawing.styled)
        for page in SITE.pages
        if page.drawing and page.drawing.styled
    ]


def _tidy_pins() -> None:
    """Write the pins in a fixed order: npm's order depends on earlier additions and removals."""
    packages = PROJECT / pins() / "package.json"
    packages.write_text(
        json.dumps(json.loads(packages.read_text()), indent=2, sort_keys=True) + "\n"
    )


if __name__ == "__main__":
    gc.disable()  # nearly all that a build makes stays: looking for garbage was a third of it
    main()
    exit_at_once()
