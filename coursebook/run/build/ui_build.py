"""Build the pages, but only when something they are made of has changed."""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from coursebook.identity.provider import CLERK, CLERK_PINS, PINS, VARIABLE
from coursebook.run.build.subprocess_tools import run_tool
from coursebook.run.paths import ROOT, TOOLS, tool_environment, web_folder
from coursebook.run.problem import CannotStart
from coursebook.run.progress import step
from coursebook.run.supervisor.locks import acquire_file_lock
from coursebook.ui.reflex_compat import environment as reflex_environment

MADE_OF = (
    "rxconfig.py",
    "assets",
    "coursebook/coursebook.py",
    "coursebook/ui",
    "coursebook/identity/provider.py",
    "coursebook/identity/shell",
    "coursebook/domain",
    "coursebook/errors.py",
    "coursebook/services/views.py",
)
"""What a built page can contain, beside its npm pins. A test compares it with the imports."""
EXPORT = ("-m", "coursebook.run.build.export")
KEPT = TOOLS / "pages"
MOST_KEPT = 5
TRIES = 3
NO_NETWORK = (
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
    "CERT_",
)


def ensure_pages(*, has_clerk: bool = False) -> Path:
    """Return a folder with the built pages of the present sources, built now if need be.

    Pages with Clerk's sign-in are others than those with the sandbox's, with npm pins of their own.
    Each build is kept under its fingerprint, so a running product never sees its pages change,
    and going back to sources of before builds nothing. Raises CannotStart.
    """
    pins = CLERK_PINS if has_clerk else PINS
    KEPT.mkdir(parents=True, exist_ok=True)
    with acquire_file_lock(TOOLS / "build.lock"):  # two starts at once build once
        for _ in range(TRIES):
            kept = KEPT / fingerprint(pins)
            if _is_built(kept):
                os.utime(kept)
                return kept
            before = fingerprint()
            _build(web_folder(), has_clerk=has_clerk)
            if fingerprint() == before:
                _keep(web_folder(), KEPT / fingerprint(pins))
    raise CannotStart("The page sources keep changing during the build.")


def fingerprint(pins: str = "") -> str:
    """Identify what pages are made of: sources, Reflex itself, and (if named) these npm pins.

    A build completes its pins when a page uses a new package.
    """
    digest = hashlib.sha256(f"{version('reflex')} {pins}".encode())
    for path in sources(*([pins] if pins else [])):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:24]


def sources(*more: str) -> Iterator[Path]:
    """Yield every file that can change a built page, and those in `more`, in a fixed order."""
    for name in (*MADE_OF, *more):
        place = ROOT / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            inside = path.relative_to(ROOT).parts
            # assets/external: links that Reflex makes to files we have already seen
            is_made = "__pycache__" in inside or inside[:2] == ("assets", "external")
            if path.is_file() and not is_made:
                yield path


def lay_out_for_reloading(*, has_clerk: bool = False) -> Path:
    """Return another web folder, which `reflex run` can build in. Raises CannotStart."""
    web = ROOT / ".web-dev"
    with step("Preparing for hot reload"):
        TOOLS.mkdir(exist_ok=True)
        _export(web, "--init", has_clerk=has_clerk)
    return web


def _build(web: Path, *, has_clerk: bool) -> None:
    first = not (web / "node_modules").exists()
    words = "Building the pages"
    with step(f"{words} (the first time also fetches npm packages)" if first else words):
        web.mkdir(exist_ok=True)
        _export(web, has_clerk=has_clerk)
    if not _is_built(web):
        raise CannotStart(f"The build produced no pages in {web}.")


def _keep(web: Path, kept: Path) -> None:
    """Copy what was built (all but the npm packages), and forget the builds of long ago.

    A build that ended halfway leaves the pins in another form, so pages that are kept already may
    be built again. Those stay, since a running product may show them.
    """
    if _is_built(kept):
        os.utime(kept)
        return
    shutil.rmtree(kept, ignore_errors=True)  # what is left of pages that were being forgotten
    half = kept.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(web, half, symlinks=True, ignore=shutil.ignore_patterns("node_modules"))
    os.utime(half)  # copytree gives it the age of the original
    half.rename(kept)
    for old in sorted(KEPT.iterdir(), key=lambda path: path.stat().st_mtime)[:-MOST_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _is_built(web: Path) -> bool:
    return web.joinpath(*reflex_environment.CLIENT, "index.html").exists()


def _export(web: Path, *arguments: str, has_clerk: bool = False) -> None:
    log_path = TOOLS / f"{web.name.strip('.')}-build.log"
    told = {reflex_environment.WEB_FOLDER: str(web), VARIABLE: CLERK if has_clerk else ""}
    environment = {**tool_environment(), **told}
    with log_path.open("w") as log:
        code = run_tool([sys.executable, *EXPORT, *arguments], environment, log)
    if code == 0:
        return
    said = log_path.read_text(errors="replace")
    if any(word in said for word in NO_NETWORK):
        raise CannotStart(
            "The npm registry could not be reached, and the pages need packages from it once: "
            f"check the network (or proxy) and try again. Details: {log_path}"
        )
    noise = ("npm verbose", "npm http", "npm silly", "Run with")
    last = [line for line in said.splitlines() if line.strip() and not line.startswith(noise)][-8:]
    raise CannotStart("\n".join(["The pages could not be built:", *last, f"Details: {log_path}"]))
