"""A page of a school: one Python file and two files of texts, no file of the product."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.stack import ROOT, Stack, running_stack

EXAMPLE = ROOT / "docs" / "examples" / "school"


@pytest.fixture(scope="module")
def school_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The product with the example of the docs in its SCHOOL_DIR."""
    folder: Path = tmp_path_factory.mktemp("with-school")
    shutil.copytree(EXAMPLE, folder / "school")
    with running_stack(folder, SCHOOL_DIR=str(folder / "school")) as stack:
        yield stack


def page(stack: Stack, path: str, language: str = "en") -> httpx.Response:
    return httpx.get(f"{stack.url}{path}", headers={"Accept-Language": language}, timeout=30)


def test_the_page_comes_with_its_content_in_the_visitors_language(school_stack: Stack) -> None:
    names = {c["instructor"] for c in school_stack.api().get("/api/courses").json()["items"]}
    for language, title in (("en", "Our teachers"), ("de", "Unsere Lehrenden")):
        answer = page(school_stack, "/teachers", language)
        assert (answer.status_code, answer.headers["content-language"]) == (200, language)
        assert f"<title>{title} · coursebook</title>" in answer.text
        main = answer.text.partition("<main")[2].partition("</main>")[0]
        assert all(name in main for name in names)
        assert 'href="/courses/' in main
        assert 'property="og:title"' in answer.text


def test_every_page_leads_there(school_stack: Stack) -> None:
    for language, entry in (("en", "Teachers"), ("de", "Lehrende")):
        html = page(school_stack, "/courses", language).text
        assert re.search(rf'<a [^>]*href="/teachers"[^>]*>{entry}</a>', html)


def test_search_engines_hear_of_it(school_stack: Stack) -> None:
    assert f"<loc>{school_stack.url}/teachers</loc>" in page(school_stack, "/sitemap.xml").text
    assert f'rel="canonical" href="{school_stack.url}/teachers"' in _normal(
        page(school_stack, "/teachers").text
    )


def test_the_policy_is_as_strict_as_on_our_own_pages(school_stack: Stack) -> None:
    def strict(path: str) -> str:
        return re.sub(
            r"'sha256-[^']*' ?", "", page(school_stack, path).headers["content-security-policy"]
        )

    assert strict("/teachers") == strict("/courses")


def test_our_private_pages_still_have_their_shells(school_stack: Stack) -> None:
    answer = page(school_stack, "/manage/inbox/mie_1", "de")
    assert answer.status_code == 200
    assert "noindex" in answer.text
    assert 'lang="de"' in answer.text


def _normal(html: str) -> str:
    """Return the HTML with the attributes of a link in one order."""
    return re.sub(r'<link href="([^"]*)" rel="canonical"', r'<link rel="canonical" href="\1"', html)
