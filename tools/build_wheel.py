"""Build the wheel: `make wheel`, or `python tools/build_wheel.py [FOLDER]` (default: `dist`).

The wheel carries the pages of the plain product, built for the sandbox's sign-in and for Clerk's,
and what a build of a school's own pages needs. Both are laid out in `build/bundle` first, which
pyproject.toml adds to the wheel.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from coursebook.identity.provider import CLERK_PINS, PINS
from coursebook.run.build.school_pages import ensure_school_pages
from coursebook.run.paths import ROOT
from coursebook.school import School

BUNDLE = ROOT / "build" / "bundle"
PROJECT = ("rxconfig.py", "assets", PINS, CLERK_PINS, "requirements.lock")
PAGES = ("build", "backend", "env.json", "reflex.json", "routes.json")
"""What a running product reads of a build."""
OF_A_SCHOOL = ("SCHOOL_NAME", "SCHOOL_EMAIL", "SCHOOL_ADDRESS", "SCHOOL_TIMEZONE")
"""Settings that a developer's own `.env` may have, and the pages of the wheel must not."""


def main(folder: Path) -> None:
    """Build the pages where they are missing, lay out the bundle, and build the wheel."""
    os.environ.update(SCHOOL_DIR=str(BUNDLE / "none"), **dict.fromkeys(OF_A_SCHOOL, ""))
    shutil.rmtree(BUNDLE, ignore_errors=True)
    for has_clerk in (False, True):
        pages = ensure_school_pages(School(), has_clerk=has_clerk)
        fingerprint = pages.name.partition("-")[0]
        for name in PAGES:
            copy(pages / name, BUNDLE / "pages" / fingerprint / name)
    for name in PROJECT:  # after the builds, which tidy the pins
        copy(ROOT / name, BUNDLE / "project" / name, "external")  # Reflex's links
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True)
    print(*sorted(folder.glob("coursebook-*.whl")), sep="\n")


def copy(source: Path, target: Path, *ignored: str) -> None:
    """Copy a file, or a folder without the names in `ignored`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*ignored))
    else:
        shutil.copy2(source, target)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist").resolve())
