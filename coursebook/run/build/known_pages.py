"""Compiling for `coursebook run --reload`: the pages that an edit has not touched stay."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from coursebook import school
from coursebook.extensions.loader import course_fields, source_folders
from coursebook.identity.provider import VARIABLE
from coursebook.run.build.notes import kept_folder
from coursebook.run.build.page_keys import PageKeys, loaded_files
from coursebook.run.paths import PACKAGE, PROJECT, web_folder
from coursebook.ui import i18n
from coursebook.ui.build.console import imports_by_route
from coursebook.ui.page import Page
from coursebook.ui.pages import SITE
from coursebook.ui.reflex_compat import page_build
from coursebook.ui.reflex_compat.page_cache import PageCache

FILE = "known-pages.pickle"
"""The compiled pages of the build before."""
IMPORTS = "known-imports.json"
"""The names that each of our sources imports, by its hash."""
BUILDERS = ("ui/reflex_compat/*.py", "ui/build/*.py")
"""Our sources that change how Reflex compiles, whatever a page imports."""


def compile_changed_pages() -> None:
    """Compile into the web folder, with the pages of the build before where nothing has changed."""
    folder = school.current().folder
    folders = (PACKAGE, *([folder] if folder else []), *source_folders())
    kept = kept_folder(web_folder())
    read, names = kept / IMPORTS, dict[str, list[str]]()
    if read.exists():
        names = json.loads(read.read_text(encoding="utf-8"))
    keys = PageKeys(loaded_files(folders), _common(), names)
    modules = {page.build.__module__ for page in SITE.pages}
    file = kept / FILE
    cache = PageCache.read(file, {name: keys.of(name) for name in modules})
    read.write_text(json.dumps(names), encoding="utf-8")
    file.unlink(missing_ok=True)  # a build that is interrupted leaves nothing half valid
    imports_by_route.clear()
    imports_by_route.update(cache.shown)
    cache.install()
    page_build.compile_pages()
    for page in SITE.pages:
        if page.route in imports_by_route:
            cache.module(page.build.__module__).shown[page.route] = imports_by_route[page.route]
    cache.write(file)


def _common() -> str:
    """Return a hash of what any page may show or be compiled with, besides its own sources."""
    brand = replace(school.current(), folder=None, address="", email="")
    parts = [version("reflex"), os.environ.get(VARIABLE, ""), brand, course_fields()]
    parts.append(str(web_folder()))  # in the paths of the compiled files
    digest = hashlib.sha256(repr((parts, *map(_shown_of, SITE.pages))).encode())
    for words in (i18n.of(i18n.ENGLISH), i18n.manage_of(i18n.ENGLISH)):
        digest.update(repr([name for name, _ in words]).encode())
    for path in _builders():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _shown_of(page: Page) -> tuple[str, ...]:
    """Return what other pages show of a page: its entry in the navigation."""
    return (page.route, str(page.nav), str(page.title), str(page.is_public))


def _builders() -> Iterator[Path]:
    yield PROJECT / "rxconfig.py"
    for pattern in BUILDERS:
        yield from sorted(PACKAGE.glob(pattern))
