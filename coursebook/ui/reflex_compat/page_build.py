"""The build of the pages: the parts of `reflex export` that we call one by one.

`reflex export` would also change `.gitignore` and ask two registries how fast they are.
"""

from pathlib import Path

from reflex.utils import build, export, prerequisites
from reflex_base import constants
from reflex_base.config import get_config
from reflex_base.environment import environment

from coursebook.ui.reflex_compat.seams import Seam, has_all, require


def use_pins(folder: str) -> None:
    """Use the npm pins of another folder than `reflex.lock`."""
    constants.Bun.ROOT_LOCKFILE_DIR = folder


def lay_out() -> None:
    """Create the web folder that `reflex run` builds in."""
    get_config()  # rxconfig.py selects our npm pins
    prerequisites.initialize_reflex_user_directory()
    if prerequisites.needs_reinit():
        prerequisites.initialize_frontend_dependencies()


def export_pages() -> None:
    """Compile the pages and bundle them into the web folder."""
    environment.REFLEX_COMPILE_CONTEXT.set(constants.CompileContext.EXPORT)
    export.export(zipping=False, backend=False, env=constants.Env.PROD)


def compile_pages() -> None:
    """Compile the pages into the web folder, for `bundler.mjs` to bundle."""
    environment.REFLEX_COMPILE_CONTEXT.set(constants.CompileContext.EXPORT)
    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    prerequisites.get_compiled_app(prerender_routes=True, trigger="export")
    build.setup_frontend(Path.cwd())


SEAMS = (
    Seam(
        "the folder of the npm pins",
        "pages with Clerk have their own pins",
        lambda: isinstance(constants.Bun.ROOT_LOCKFILE_DIR, str),
    ),
    Seam(
        "the steps of an export",
        "a first build asks no questions and does not change our files",
        lambda: (
            has_all(
                prerequisites,
                *("initialize_reflex_user_directory", "needs_reinit"),
                "initialize_frontend_dependencies",
            )
            and has_all(export, "export")
            and has_all(prerequisites, "get_compiled_app")
            and has_all(build, "setup_frontend")
            and has_all(environment, "REFLEX_COMPILE_CONTEXT")
            and has_all(constants.CompileContext, "EXPORT")
        ),
    ),
)
require(SEAMS)
