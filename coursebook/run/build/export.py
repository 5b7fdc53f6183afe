"""`python -m coursebook.run.build.export [--init]`: compile the pages and bundle them with Vite.

A process of its own, since it imports Reflex and the whole product. It leaves out what `reflex
export` would also do on a first run: changing `.gitignore` and asking two registries how fast
they are. With `--init` it only lays out the web folder, which `reflex run` then builds in.
"""

import json
import os
import subprocess
import sys

from coursebook.identity.provider import pins
from coursebook.run.paths import ROOT


def main(arguments: list[str]) -> None:
    """Build into the web folder; exits with an error code when Reflex or Vite fails."""
    if not os.environ.get("NPM_CONFIG_REGISTRY"):
        os.environ["NPM_CONFIG_REGISTRY"] = _registry()
    from coursebook.ui.reflex_compat import exporting  # noqa: PLC0415  reads the environment

    exporting.lay_out()
    if "--init" in arguments:
        return
    exporting.export_pages()
    _tidy_pins()


def _tidy_pins() -> None:
    """Write the pins in one fixed order: npm's own depends on what was added and removed before."""
    packages = ROOT / pins() / "package.json"
    packages.write_text(
        json.dumps(json.loads(packages.read_text()), indent=2, sort_keys=True) + "\n"
    )


def _registry() -> str:
    """Return the registry that this machine's npm is set up for, so that Reflex does not probe."""
    asked = subprocess.run(
        ["npm", "config", "get", "registry"],  # noqa: S607  from PATH, which we made
        capture_output=True,
        text=True,
        check=True,
    )
    return asked.stdout.strip()


if __name__ == "__main__":
    main(sys.argv[1:])
