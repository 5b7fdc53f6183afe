"""Build the pages, but only when something they are made of has changed."""

import fcntl
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from coursebook.run.paths import ROOT, TOOLS, tool_environment, web_folder
from coursebook.run.problem import CannotStart
from coursebook.run.steps import step

NOT_IN_PAGES = ("api", "mail", "payments", "persistence", "run", "sandbox", "worker")
"""Rooms that no page can import (import rules in pyproject.toml): no reason to build again."""
SUFFIXES = (".py", ".jsx", ".js", ".css", ".json", ".svg", ".html", ".md")
NO_NETWORK = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH")


def ensure_pages() -> None:
    """Build the pages unless the last build is of the same sources. Raises CannotStart."""
    web = web_folder()
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / f"{web.name.strip('.')}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two starts at once build once
        stamp = web / "coursebook-build.stamp"
        wanted = fingerprint()
        if _is_built(web) and stamp.exists() and stamp.read_text() == wanted:
            return
        first = not (web / "node_modules").exists()
        words = "Building the pages (the first time also fetches npm packages)"
        with step(words if first else "Building the pages"):
            stamp.unlink(missing_ok=True)
            web.mkdir(exist_ok=True)
            _export(web)
        if not _is_built(web):
            raise CannotStart(f"The build left no pages in {web}.")
        stamp.write_text(wanted)


def fingerprint() -> str:
    """Identify what the pages are made of: our sources, the npm pins, Reflex itself."""
    digest = hashlib.sha256(version("reflex").encode())
    for path in sources():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def sources() -> Iterator[Path]:
    """Yield every file that can change a built page, in a fixed order."""
    yield ROOT / "rxconfig.py"
    for folder in ("coursebook", "assets", "reflex.lock"):
        for path in sorted((ROOT / folder).rglob("*")):
            inside = path.relative_to(ROOT / folder).parts
            if folder == "coursebook" and (
                inside[0] in NOT_IN_PAGES or path.suffix not in SUFFIXES
            ):
                continue
            if folder == "assets" and inside[0] == "external":
                continue  # links that Reflex makes to files we have already seen
            if path.is_file():
                yield path


def lay_out_for_reloading(web_name: str) -> None:
    """Prepare another web folder for `reflex run`. Raises CannotStart."""
    with step("Preparing for hot reload"):
        TOOLS.mkdir(exist_ok=True)
        _export(ROOT / web_name, "--init")


def _is_built(web: Path) -> bool:
    return (web / "build" / "client" / "index.html").exists()


def _export(web: Path, *arguments: str) -> None:
    log_path = TOOLS / f"{web.name.strip('.')}-build.log"
    with log_path.open("w") as log:
        done = subprocess.run(
            [sys.executable, "-m", "coursebook.run.export", *arguments],
            cwd=ROOT,
            env={**tool_environment(), "REFLEX_WEB_WORKDIR": str(web)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
        )
    if done.returncode == 0:
        return
    said = log_path.read_text(errors="replace")
    if any(word in said for word in NO_NETWORK):
        raise CannotStart(
            "The npm registry could not be reached, and the pages need packages from it once: "
            f"check the network (or proxy) and try again. Details: {log_path}"
        )
    last = [line for line in said.splitlines() if line.strip()][-8:]
    raise CannotStart("\n".join(["The pages could not be built:", *last, f"Details: {log_path}"]))
