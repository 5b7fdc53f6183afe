"""`coursebook run --reload` on a copy of the tree: an edit of any kind shows in the open tab."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from coursebook.run.paths import TOOLS
from coursebook.run.supervisor.locks import acquire_file_lock
from tests.support.browser import chromium
from tests.support.stack import ROOT, Stack, running_stack, wait_for
from tests.support.walks import copy_tree

SECONDS = 240
"""Much more than an edit takes (3 s on a quiet machine): other tests use the machine too."""
CATALOG = "coursebook/ui/pages/catalog.py"
ENGLISH = "coursebook/ui/i18n/en.toml"
THEME = "assets/theme.css"
TEACHERS = "school/teachers/__init__.py"
STAFF = "school/staff/__init__.py"
OWN_WORDS = "school/words/en.toml"
EDITED = "getComputedStyle(document.documentElement).getPropertyValue('--edited').trim()"
CONTENT = "catalog_view())"
PINS = "reflex.lock"
KEPT = ".web-kept"
MADE = (".web", KEPT, ".reflex", "__pycache__", "external")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with the example of a school, and with the npm packages if there are."""
    folder = copy_tree(tmp_path_factory.mktemp("tree"))
    for pins in (PINS, f"{PINS}.clerk"):
        shutil.copytree(ROOT / pins, folder / pins)
    shutil.copytree(ROOT / "docs" / "examples" / "school", folder / "school")
    web = ROOT / ".web"
    with acquire_file_lock(TOOLS / "build.lock"):  # another test may be building in it
        if (web / "node_modules").exists():
            ignored = shutil.ignore_patterns("node_modules", "build")
            shutil.copytree(web, folder / ".web", symlinks=True, ignore=ignored)
            packages = folder / ".web" / "node_modules"
            shutil.copytree(web / "node_modules", packages, symlinks=True, copy_function=os.link)
    return folder


@pytest.fixture(scope="module")
def developed(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`coursebook run --reload` in the copy."""
    folder = tmp_path_factory.mktemp("reloading")
    command = folder / "coursebook"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m coursebook.cli "$@" --reload\n')
    command.chmod(0o755)
    with running_stack(folder, command=str(command), home=tree) as stack:
        yield stack


async def test_every_edit_shows_in_the_open_tab(tree: Path, developed: Stack) -> None:
    before = _files(tree)
    async with chromium() as browser:
        # Opened before the first edit: later on a tab may reload itself while it is sent elsewhere.
        tab, own = await browser.new_page(), await browser.new_page()
        await own.goto(f"{developed.url}/teachers", timeout=SECONDS * 1000)
        await tab.goto(f"{developed.url}/courses", timeout=SECONDS * 1000)
        _edit(tree / CATALOG, CONTENT, 'kit.lead("A first edit"), catalog_view())')
        _edit(tree / CATALOG, "import i18n, layout", "import i18n, kit, layout")
        await _shows(tab, "A first edit")
        _edit(tree / THEME, ":root {\n", ":root {\n  --edited: 7;\n")
        while await tab.evaluate(EDITED) != "7":  # the policy forbids to wait for a function
            await tab.wait_for_timeout(100)
        _edit(tree / ENGLISH, 'CATALOG_TITLE = "Courses"', 'CATALOG_TITLE = "Edited title"')
        await _shows(tab, "Edited title")
        await _a_mistake_keeps_the_pages(tree, developed, tab)
        (tree / OWN_WORDS).parent.mkdir()
        (tree / OWN_WORDS).write_text('CATALOG_TITLE = "Our own title"\n')
        (tree / "school/school.toml").write_text('name = "Lantern"\n')
        await _shows(tab, "Our own title")
        await expect(tab).to_have_title("Our own title · Lantern", timeout=SECONDS * 1000)
        _edit(tree / TEACHERS, "kit.page_title(", 'kit.lead("An edited page"), kit.page_title(')
        await _shows(own, "An edited page")
    (tree / "school" / "teachers").rename(tree / "school" / "staff")
    _edit(tree / STAFF, '"/teachers"', '"/staff"')
    found = {"/staff": httpx.codes.OK, "/teachers": httpx.codes.NOT_FOUND}
    for path, status in found.items():
        is_so = partial(_has_status, developed, path, status)
        wait_for(is_so, path, developed.log, SECONDS)
    assert "An edited page" in _page(developed, "/staff").text
    policy = _page(developed, "/courses").headers["content-security-policy"]
    assert "script-src 'self' 'sha256-" in policy
    assert "unsafe" not in policy
    assert "/assets/console-manifest-" in _page(developed, "/manage").text
    kept = {file.name for file in (tree / KEPT).iterdir()}
    assert kept, "the next build takes its unchanged pages from there"
    in_reach = {file.name for file in (tree / ".web").iterdir()}
    assert in_reach.isdisjoint(kept), "Tailwind would make a class of every word in them"
    edited = {CATALOG, ENGLISH, THEME}
    assert {name for name, text in _files(tree).items() if before.get(name) != text} == edited


async def _a_mistake_keeps_the_pages(tree: Path, stack: Stack, tab: Page) -> None:
    _edit(tree / CATALOG, "def catalog()", "def catalog(")
    sentence = re.compile(rf"{CATALOG}, line \d+: .+")
    wait_for(lambda: sentence.search(stack.log.read_text()), "the mistake", stack.log, SECONDS)
    assert "A first edit" in await tab.content()
    assert _has_status(stack, "/courses", httpx.codes.OK)
    _edit(tree / CATALOG, "def catalog(", "def catalog()")
    _edit(tree / CATALOG, "A first edit", "A second edit")
    await _shows(tab, "A second edit")


def _has_status(stack: Stack, path: str, status: int) -> bool:
    return _page(stack, path).status_code == status


def _page(stack: Stack, path: str) -> httpx.Response:
    """Return the page, from the next product if there is none between two starts."""
    answers: list[httpx.Response] = []

    def has_answered() -> bool:
        with suppress(httpx.TransportError):
            answers.append(httpx.get(f"{stack.url}{path}", timeout=SECONDS))
        return bool(answers)

    wait_for(has_answered, path, stack.log, SECONDS)
    return answers[0]


async def _shows(tab: Page, text: str) -> None:
    await expect(tab.get_by_text(text).first).to_be_visible(timeout=SECONDS * 1000)


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.unlink()  # the link to the file of the product
    file.write_text(text.replace(old, new, 1))


def _files(tree: Path) -> dict[str, bytes]:
    """Return what git would see in the copy, without the folder of the school."""
    names = {path: path.relative_to(tree) for path in tree.rglob("*") if path.is_file()}
    return {
        str(name): path.read_bytes()
        for path, name in names.items()
        if name.parts[0] != "school" and not {*MADE} & {*name.parts}
    }
