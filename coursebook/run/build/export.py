"""`python -m coursebook.run.build.export`: compile the pages and bundle them with Vite.

It runs as its own process, since it imports Reflex and the whole product. Unlike `reflex export`
it does not change `.gitignore` and does not measure the speed of two registries.
"""

import gc
import json
import os
import subprocess
import sys
from importlib import import_module

from coursebook import school
from coursebook.identity.provider import pins
from coursebook.run.build.page_costs import COSTS, StyledPage, cost_lines
from coursebook.run.build.school_pages import KEY, school_key
from coursebook.run.build.ui_build import WRONG_PAGE
from coursebook.run.paths import PROJECT, is_reloading, web_folder
from coursebook.ui.reflex_compat.environment import CLIENT, SERVER


def main() -> None:
    """Build into the web folder. Exits with an error code when Reflex or Vite fails."""
    school.current()  # read before the working folder changes: its settings may be in `.env`
    os.chdir(PROJECT)
    if not os.environ.get("NPM_CONFIG_REGISTRY"):
        os.environ["NPM_CONFIG_REGISTRY"] = _registry()
    from coursebook.ui.reflex_compat import page_build  # noqa: PLC0415  reads the environment

    page_build.lay_out()
    _check_pages()
    page_build.export_pages()
    server = web_folder().joinpath(*SERVER)
    server.with_name(KEY).write_text(school_key(school.current()))
    costs = cost_lines(web_folder().joinpath(*CLIENT), _styled_pages(), is_quick=is_reloading())
    server.with_name(COSTS).write_text("".join(f"{line}\n" for line in costs), encoding="utf-8")
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


def _styled_pages() -> list[StyledPage]:
    from coursebook.ui.pages import SITE  # noqa: PLC0415  as above
    from coursebook.ui.reflex_compat.component_tree import page_file  # noqa: PLC0415  as above

    return [
        StyledPage(page.route, page_file(page.route).removesuffix(".jsx"), page.drawing.styled)
        for page in SITE.pages
        if page.drawing and page.drawing.styled
    ]


def _tidy_pins() -> None:
    """Write the pins in a fixed order: npm's order depends on earlier additions and removals."""
    packages = PROJECT / pins() / "package.json"
    packages.write_text(
        json.dumps(json.loads(packages.read_text()), indent=2, sort_keys=True) + "\n"
    )


def _registry() -> str:
    """Return the registry in npm's configuration, so that Reflex does not probe for one."""
    result = subprocess.run(
        ["npm", "config", "get", "registry"],  # noqa: S607  from PATH, which we made
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


if __name__ == "__main__":
    gc.disable()  # nearly all that a build makes stays: looking for garbage was a third of it
    main()
