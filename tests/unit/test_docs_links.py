"""Links, pictures and decision records of the documentation."""

import re
from urllib.parse import urlsplit

import pytest

from tests.support.documents import ROOT, Page, all_pages, page, rows

PAGES = all_pages()
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
PARTS_OF_A_DECISION = ["Why", "Decision", "What follows", "Sources"]
LARGEST_PICTURE = 200_000
LONGEST_DECISION = 60
PLACE_ON_ONE_MACHINE = re.compile(r"(?<![\w.])/(home|root|tmp|work|Users)/")


def _targets(of: Page):
    for link in of.links():
        parts = urlsplit(link)
        if not parts.scheme:
            target = (of.path.parent / parts.path).resolve() if parts.path else of.path
            yield link, target, parts.fragment


@pytest.mark.parametrize("of", PAGES, ids=lambda of: of.name)
def test_every_relative_link_has_an_existing_target(of):
    broken = [
        link
        for link, target, anchor in _targets(of)
        if not target.exists() or (anchor and anchor not in Page(target).anchors())
    ]
    assert broken == []


def test_every_page_is_linked_from_the_readme():
    seen, waiting = set(), [page("README.md").path]
    while waiting:
        path = waiting.pop()
        if path in seen or path.suffix != ".md" or not path.exists():
            continue
        seen.add(path)
        waiting += [target for _, target, _ in _targets(Page(path))]
    assert {of.path for of in PAGES} - seen == set()


def test_every_picture_is_used_and_small_enough():
    shown = {target for of in PAGES for _, target, _ in _targets(of)}
    pictures = [p for p in (ROOT / "docs" / "images").iterdir() if p.is_file()]
    assert [p.name for p in pictures if p not in shown] == []
    assert [p.name for p in pictures if p.stat().st_size > LARGEST_PICTURE] == []


@pytest.mark.parametrize("of", PAGES, ids=lambda of: of.name)
def test_no_page_names_a_local_path(of):
    assert PLACE_ON_ONE_MACHINE.findall(of.text) == []


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_record_is_one_page_with_reasons_and_sources(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]} ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS_OF_A_DECISION
    assert len(re.findall(r"^> ", text, re.MULTILINE)) == 1
    assert text.count("\n") <= LONGEST_DECISION


def test_the_list_of_decisions_quotes_each_in_order():
    listed = rows(page("docs/decisions/README.md").text)[1:]
    written = [
        [
            f"[{path.name[:4]}]({path.name})",
            re.search(r"^> (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)[1],
        ]
        for path in DECISIONS
    ]
    assert listed == written
    assert [int(path.name[:4]) for path in DECISIONS] == [*range(1, len(DECISIONS) + 1)]


def test_every_page_of_the_documentation_is_in_its_index():
    index = page("docs/README.md")
    listed = {target for _, target, _ in _targets(index)}
    docs = {of.path for of in PAGES if of.path.is_relative_to(ROOT / "docs")}
    docs -= {path for path in docs if path.parent.name == "decisions"}
    assert docs - listed == {index.path}
