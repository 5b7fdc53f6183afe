"""`python -m coursebook.run.build.export`: compile the pages and bundle them with Vite.

It runs as its own process, since it imports Reflex and the whole product. Unlike `reflex export`
it does not change `.gitignore` and does not measure the speed of two registries.
"""

import json
import os
import subprocess
import sys
from importlib import import_module

from coursebook import school
from coursebook.identity.provider import pins
from coursebook.run.build.school_pages import KEY, school_key
from coursebook.run.paths import PROJECT, web_folder
from coursebook.ui.reflex_compat.environment import SERVER


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
    web_folder().joinpath(*SERVER).with_name(KEY).write_text(school_key(school.current()))
    _tidy_pins()


def _check_pages() -> None:
    """Exit with one sentence when the declaration of a page is wrong, ours or an extension's."""
    from coursebook.extensions.declaration import ExtensionError  # noqa: PLC0415  as above
    from coursebook.ui.page import PageError  # noqa: PLC0415  as above

    try:
        import_module("coursebook.ui.pages")
    except (ExtensionError, PageError) as error:
        sys.exit(str(error))


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
    main()
