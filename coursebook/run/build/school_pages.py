"""Built pages with the texts of now: ours, and the words and brand of a school.

Texts and brand are data beside the JavaScript (`catalogs.json`), so that a change of them needs no
build: the static pages are rendered again, which takes a second and neither npm nor a network.
"""

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

from coursebook.run.build import ui_build
from coursebook.run.build.notes import KEY
from coursebook.run.build.subprocess_tools import run_module, run_tool
from coursebook.run.paths import PACKAGE, TOOLS, is_reloading, tool_environment
from coursebook.run.problem import CannotStart
from coursebook.run.progress import step
from coursebook.school import School
from coursebook.school.word_folders import word_folders
from coursebook.ui.reflex_compat.environment import CLIENT, SERVER

CATALOGS = "catalogs.json"
"""The texts of the pages, beside the server's copy of them (`server.mjs`, `shells.mjs`)."""
TEXTS = PACKAGE / "ui" / ui_build.TEXTS
SHELLS = Path(__file__).parents[2] / "ui" / "ssr" / "shells.mjs"
WRITE_CATALOGS = ("-m", "coursebook.run.build.catalogs")


def ensure_school_pages(school: School, *, has_clerk: bool = False) -> Path:
    """Return a folder with built pages that show the words and brand of this school.

    Raises CannotStart with one sentence, also for a mistake in the school's words.
    """
    key, catalogs = school_key(school), TOOLS / CATALOGS
    is_plain = _brand_of(school) == School() and not _words_of(school)
    if not is_plain:
        write_catalogs(catalogs)  # before a build, which takes longer than to find a mistake
    pages = ui_build.ensure_pages(has_clerk=has_clerk)
    if key == built_key(pages):
        return pages
    target = ui_build.BUILDS / f"{pages.name}-{key}"
    if target.exists():
        os.utime(target)
        return target
    if is_plain:
        write_catalogs(catalogs)
    whose = "the texts of now" if is_plain else "the school's words"
    with step(f"Rendering the pages with {whose}"):
        _render(pages, target, catalogs, key)
    return target


def school_key(school: School) -> str:
    """Return a hash of our texts and of everything of a school that its pages show."""
    digest = hashlib.sha256(repr(_brand_of(school)).encode())
    for path in [*sorted(TEXTS.rglob("*.toml")), *_words_of(school)]:
        digest.update(f"\0{path.parent.parent.name} {path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _brand_of(school: School) -> School:
    return replace(school, folder=None, address="", email="")


def _words_of(school: School) -> list[Path]:
    return [path for folder in word_folders(school) for path in sorted(folder.rglob("*.toml"))]


def built_key(pages: Path) -> str:
    """Return the key of the texts and of the school that a build has; "" for one without any."""
    path = pages.joinpath(*SERVER).with_name(KEY)
    return path.read_text(encoding="utf-8") if path.exists() else ""


def write_catalogs(path: Path) -> None:
    """Write the texts of all languages to a file. Raises CannotStart."""
    path.parent.mkdir(exist_ok=True)
    _run((*WRITE_CATALOGS, str(path)))


def _render(pages: Path, target: Path, catalogs: Path, key: str) -> None:
    half = target.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    ui_build.BUILDS.mkdir(parents=True, exist_ok=True)
    shutil.copytree(pages, half, symlinks=True)
    server = half.joinpath(*SERVER)
    shutil.copyfile(catalogs, server.with_name(CATALOGS))
    server.with_name(KEY).write_text(key, encoding="utf-8")
    if not is_reloading():  # such a build has no static pages
        _run(("node", str(SHELLS), str(server), str(half.joinpath(*CLIENT)), "--again"))
    os.utime(half)
    half.rename(target)


def _run(command: tuple[str, ...]) -> None:
    log_path = TOOLS / "school-pages.log"
    with log_path.open("w") as log:
        if command[0] == "node":
            code = run_tool([*command], tool_environment(), log)
        else:
            code = run_module(command, tool_environment(), log)
    if code:
        lines = log_path.read_text(errors="replace").splitlines() or [f"See {log_path}."]
        raise CannotStart(lines[-1])
