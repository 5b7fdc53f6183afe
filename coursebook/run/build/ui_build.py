"""Build the pages when their sources have changed."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any

from coursebook import __version__, school
from coursebook.extensions.loader import source_folders
from coursebook.identity.provider import CLERK, CLERK_PINS, OWN_PINS, PINS, VARIABLE
from coursebook.run.build.bundler import PACKAGES, Bundler
from coursebook.run.build.notes import COMPILED, kept_folder, note_build
from coursebook.run.build.page_costs import COSTS
from coursebook.run.build.subprocess_tools import run_module
from coursebook.run.output import say
from coursebook.run.paths import (
    BUNDLE,
    IS_INSTALLED,
    PACKAGE,
    PROJECT,
    ROOT,
    TOOLS,
    is_reloading,
    tool_environment,
    web_folder,
)
from coursebook.run.problem import CannotStart
from coursebook.run.progress import step
from coursebook.run.supervisor.locks import acquire_file_lock
from coursebook.school.reader import FILE
from coursebook.ui.reflex_compat import environment as reflex_environment
from coursebook.ui.reflex_compat import route_manifest

SOURCE_PATHS = (
    "rxconfig.py",
    "assets",
    "coursebook/browser_files.py",
    "coursebook/coursebook.py",
    "coursebook/ui",
    "coursebook/identity/provider.py",
    "coursebook/identity/shell",
    "coursebook/domain",
    "coursebook/errors.py",
    "coursebook/extend.py",
    "coursebook/extensions",
    "coursebook/http_security/page_sources.py",
    "coursebook/school",
    "coursebook/services/views.py",
)
"""The sources of a built page, beside its npm pins. A test compares them with the imports."""
TEXTS = "i18n"
"""The folder of our texts. A build depends on their names only: `school_pages.py` renders them."""
SHOWN = re.compile(rb"\b(pages|fields)\b")
"""How an extension adds to pages: `Extension(pages=…, fields=…)`. An import takes longer."""
EXPORT = ("-m", "coursebook.run.build.export")
SAME_NAMES = {"PYTHONHASHSEED": "0"}
"""Reflex names variables by their hashes: the same names make the same files."""
COMPILED_FOLDERS = ("app", "app_components", "components", "public", "styles", "utils")
"""The sources of a bundle, which are only read again by the next build."""
LIBRARY = "reflex"
REGISTRY = "NPM_CONFIG_REGISTRY"
WRONG_PAGE = 3
"""The exit code of the build when a page is wrong; its last line is one sentence about it."""
BUILDS = TOOLS / ("pages-dev" if is_reloading() else "pages")
UNSERVED = (
    "node_modules",
    *(COMPILED_FOLDERS if is_reloading() else ()),
)
"""What a stored build leaves out: nothing of it is served."""
MAX_BUILDS = 5
MAX_ATTEMPTS = 3
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
    """Return a folder with the pages built from the current sources; build them if necessary.

    Clerk's sign-in and the sandbox's need different pages and npm pins. Each build is stored under
    its fingerprint: the pages of a running product never change, and returning to earlier sources
    needs no build. Raises CannotStart.
    """
    pins = CLERK_PINS if has_clerk else PINS
    if IS_INSTALLED:
        lay_out_project()
        packaged = BUNDLE / "pages" / fingerprint(pins, BUNDLE / "project")
        if _is_built(packaged) and not is_reloading():
            return packaged
    BUILDS.mkdir(parents=True, exist_ok=True)
    with acquire_file_lock(TOOLS / "build.lock"):  # two starts at once build once
        for _ in range(MAX_ATTEMPTS):
            before = _state_of_sources()
            build = BUILDS / _with_pins(before, pins)
            if _is_built(build):
                os.utime(build)
                return build
            _build(web_folder(), has_clerk=has_clerk)
            if _state_of_sources() == before:
                build = BUILDS / _with_pins(before, pins)  # a build may have added to its pins
                _keep(web_folder(), build)
                return build
    raise CannotStart("The page sources keep changing during the build.")


def fingerprint(pins: str = "", project: Path | None = None) -> str:
    """Return a hash of the sources, Reflex's version and (if named) these npm pins.

    A build adds to its pins when a page uses a new package. `project` is the folder of the pins and
    of the sources outside of the package (default: Reflex's working folder). The hash of an
    installed package is that of the source tree that its wheel was built from.
    """
    return _with_pins(_state_of_sources(project), pins, project)


def _state_of_sources(project: Path | None = None) -> str:
    """Return a hash of Reflex's version and of all sources but the pins."""
    digest = hashlib.sha256(version("reflex").encode())
    _add(digest, sources(project=project), project)
    for folder, path in _school_sources():
        digest.update(str(path.relative_to(folder)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _with_pins(state: str, pins: str, project: Path | None = None) -> str:
    digest = hashlib.sha256(f"{state} {pins}".encode())
    _add(digest, sources(paths=[pins] if pins else [], project=project), project)
    return digest.hexdigest()[:24]


def _add(digest: "hashlib._Hash", files: Iterable[Path], project: Path | None) -> None:
    for path in files:
        digest.update(_inside(path, project).as_posix().encode() + b"\0")
        state = path.stat()
        digest.update(_digest_of(path, state.st_mtime_ns, state.st_size))


def sources(paths: Sequence[str] | None = None, *, project: Path | None = None) -> Iterator[Path]:
    """Yield every file below `paths` in a fixed order: by default, all that can change a page."""
    for name in SOURCE_PATHS if paths is None else paths:
        source = _base(name, project) / name
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            inside = _inside(path, project).parts
            # assets/external: Reflex's links to files that are already included
            is_made = "__pycache__" in inside or inside[:2] == ("assets", "external")
            if path.is_file() and not is_made:
                yield path


@cache
def _digest_of(path: Path, _changed_at: int, _size: int) -> bytes:
    """Return the hash of a source. A build asks twice, and few of the sources have changed."""
    return hashlib.sha256(_built_part(path)).digest()


def _built_part(path: Path) -> bytes:
    """Return what a build takes from a source: all of it, or the names of the English texts."""
    if path.suffix != ".toml" or TEXTS not in path.parts:
        return path.read_bytes()
    if path.stem != "en":
        return b""
    try:
        return "\n".join(_names_in(tomllib.loads(path.read_text(encoding="utf-8")))).encode()
    except tomllib.TOMLDecodeError:
        return path.read_bytes()  # the build says what is wrong


def _names_in(texts: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, text in texts.items():
        yield f"{prefix}{name}"
        if isinstance(text, Mapping):
            yield from _names_in(text, f"{prefix}{name}.")


def lay_out_project() -> None:
    """Copy the other files that a build needs out of the installed package, once per version.

    Later builds keep the copy: they add the packages of the school's own pages to its pins.
    """
    stamp = PROJECT / "version"
    text = f"{__version__} {BUNDLE.stat().st_mtime_ns}"
    if not stamp.exists() or stamp.read_text() != text:
        shutil.rmtree(PROJECT, ignore_errors=True)
        shutil.copytree(BUNDLE / "project", PROJECT)
        stamp.write_text(text)


def own_pins(pins: str) -> Path | None:
    """Return the folder with the npm pins of a build with pages of a school; None without any.

    Ours belong to the product and stay as they are. The copy is made again when they change.
    """
    if IS_INSTALLED or not _school_sources():
        return None  # an installed package builds with a copy of its pins anyway
    ours, own = ROOT / pins, TOOLS / "pins" / pins
    digest = hashlib.sha256()
    for path in sorted(ours.iterdir()):
        digest.update(path.read_bytes())
    stamp = own.with_name(f"{pins}.sha256")
    if not own.exists() or not stamp.exists() or stamp.read_text() != digest.hexdigest():
        shutil.rmtree(own, ignore_errors=True)
        shutil.copytree(ours, own)
        stamp.write_text(digest.hexdigest())
    return own


@contextmanager
def _copy_of_pins(pins: Path) -> Iterator[Path]:
    """Yield a copy of npm pins for a build, which rewrites them step by step.

    Whoever reads the pins during a build, or after one was killed, finds them whole.
    """
    copy = TOOLS / "pins-of-build" / pins.name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(pins, copy)
    yield copy
    shutil.rmtree(copy.parent, ignore_errors=True)


def _note_pins(copy: Path, pins: Path) -> None:
    """Write the pins of a build back where it changed them, file by file and at once."""
    for made in copy.iterdir():
        noted = pins / made.name
        if not noted.exists() or noted.read_bytes() != made.read_bytes():
            made.replace(noted)


def _base(name: str, project: Path | None) -> Path:
    """Return the folder that a source path starts from."""
    if name.split("/", maxsplit=1)[0] == PACKAGE.name and IS_INSTALLED:
        return PACKAGE.parent
    return project or (PROJECT if IS_INSTALLED else ROOT)


def _inside(path: Path, project: Path | None) -> Path:
    """Return a source's path as it is in the source tree."""
    outside = _base("", project)
    base = outside if path.is_relative_to(outside) else _base(PACKAGE.name, project)
    return path.relative_to(base)


def _school_sources() -> list[tuple[Path, Path]]:
    """Return the files of the school and of installed extensions, each after its folder.

    None if no extension adds anything to pages: mails and jobs need no build. Words and brand are
    rendered without one (`school_pages.py`), assets are shown as they are.
    """
    files = list(_extension_files())
    is_shown = any(SHOWN.search(path.read_bytes()) for _, path in files if path.suffix == ".py")
    return files if is_shown else []


def _extension_files() -> Iterator[tuple[Path, Path]]:
    school_folder = school.current().folder
    for folder in (*([school_folder] if school_folder else []), *source_folders()):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            is_brand = folder == school_folder and inside[0] in ("assets", FILE)
            if path.is_file() and not is_brand and not {"__pycache__", "words"} & {*inside}:
                yield folder, path


def _build(web: Path, *, has_clerk: bool) -> None:
    first = not (web / "node_modules").exists()
    words = "Building the pages"
    with step(f"{words} (the first time also fetches npm packages)" if first else words):
        web.mkdir(exist_ok=True)
        _export(web, has_clerk=has_clerk)
    if not _is_built(web):
        raise CannotStart(f"The build produced no pages in {web}.")
    costs = web.joinpath(*reflex_environment.SERVER).with_name(COSTS)
    for line in costs.read_text(encoding="utf-8").splitlines() if costs.exists() else ():
        say(line)


def _keep(web: Path, build: Path) -> None:
    """Copy the built pages (without the npm packages), and delete the oldest builds.

    A build tidies pins that were edited, so pages that are already stored may be built again. The
    stored copy stays, since a running product may serve it.
    """
    if _is_built(build):
        os.utime(build)
        return
    shutil.rmtree(build, ignore_errors=True)  # an incomplete deletion
    half = build.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    # The next build writes new files, so sharing these with the kept build is safe.
    copy = os.link if is_reloading() else shutil.copy2
    unserved = shutil.ignore_patterns(*UNSERVED)
    shutil.copytree(web, half, symlinks=True, ignore=unserved, copy_function=copy)
    os.utime(half)  # copytree copies the original's age
    half.rename(build)
    olds = sorted(BUILDS.iterdir(), key=lambda path: path.stat().st_mtime)[:-MAX_BUILDS]
    deletion = Thread(target=_delete, args=[olds], name="old builds", daemon=is_reloading())
    deletion.start()
    if not is_reloading():  # then an edit waits for its pages
        deletion.join()


def _delete(folders: list[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _is_built(web: Path) -> bool:
    static = (*reflex_environment.CLIENT, "index.html")
    return web.joinpath(*(reflex_environment.SERVER if is_reloading() else static)).exists()


def _export(web: Path, *, has_clerk: bool = False) -> None:
    log_path = TOOLS / f"{web.name.strip('.')}-build.log"
    pins = CLERK_PINS if has_clerk else PINS
    noted = own_pins(pins) or PROJECT / pins
    variables = {reflex_environment.WEB_FOLDER: str(web), VARIABLE: CLERK if has_clerk else ""}
    if not os.environ.get(REGISTRY):
        variables[REGISTRY] = _registry()
    quick = {**reflex_environment.QUICK_BUILD, **SAME_NAMES} if is_reloading() else {}
    with _copy_of_pins(noted) as copy, log_path.open("w") as log:
        environment = {**tool_environment(), **variables, OWN_PINS: str(copy), **quick}
        code = run_module(EXPORT, environment, log)
        if code == 0:
            _note_pins(copy, noted)
    if code == 0:
        if is_reloading():
            _bundle(web)
        return
    output = log_path.read_text(errors="replace")
    if any(word in output for word in NO_NETWORK):
        raise CannotStart(
            "The npm registry could not be reached, and the pages need packages from it once: "
            f"check the network (or proxy) and try again. Details: {log_path}"
        )
    if code == WRONG_PAGE:
        raise CannotStart(output.rstrip().rpartition("\n")[2])
    noise = ("npm verbose", "npm http", "npm silly", "Run with")
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith(noise)]
    causes = [line for line in lines[:-8] if "Error: " in line][-1:]  # Vite's stack is longer
    raise CannotStart(
        "\n".join(["The pages could not be built:", *causes, *lines[-8:], f"Details: {log_path}"])
    )


def known_libraries() -> list[str]:
    """Return the modules of libraries that the last build for development imported."""
    notes = kept_folder(web_folder()) / COMPILED
    if not notes.exists():
        return [LIBRARY]
    names: list[str] = json.loads(notes.read_text(encoding="utf-8")).get("libraries", [LIBRARY])
    return names


def warm_up_bundler() -> None:
    """Bundle the pages of the build before in the background, so that a first edit is quick too.

    It also asks npm for its registry, as the first build of a run does.
    """
    web = web_folder()

    def warm_up() -> None:
        with suppress(OSError, subprocess.SubprocessError):  # the build reports it
            _registry()
        with acquire_file_lock(TOOLS / "build.lock"), suppress(CannotStart):
            if not _bundler().is_warm:
                _bundler().bundle(web)

    if (web / PACKAGES).exists() and (kept_folder(web) / COMPILED).exists():
        _bundler().start(web)  # here, since it would end with the thread
        Thread(target=warm_up, name="bundler", daemon=True).start()


def _bundle(web: Path) -> None:
    """Bundle the compiled pages. The process that does it stays for the next build."""
    notes = json.loads((kept_folder(web) / COMPILED).read_text(encoding="utf-8"))
    _bundler().bundle(web)
    route_manifest.keep_console_apart(web.joinpath(*reflex_environment.CLIENT))
    note_build(web, notes, is_quick=True)


@cache
def _bundler() -> Bundler:
    return Bundler()


@cache
def _registry() -> str:
    """Return the registry in npm's configuration, so that Reflex does not probe for one."""
    result = subprocess.run(
        ["npm", "config", "get", "registry"],  # noqa: S607  from PATH, which we made
        capture_output=True,
        text=True,
        check=True,
        env=tool_environment(),
    )
    return result.stdout.strip()
