"""Pages and a field of a school: Python files and texts, no file of the product.

One page is made of our parts, another one of ordinary Reflex.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from tests.support.browser import DESKTOP, Visitors, chromium
from tests.support.stack import COMMAND, ROOT, Stack, clean_environment, running_stack

EXAMPLE = ROOT / "docs" / "examples" / "school"
HEAVY = ("rt-Text", "recharts-", "data-emotion")
"""What is in the files of Radix, of the charts and of Emotion."""
RED, INK = "rgb(255, 0, 0)", "rgb(29, 28, 26)"
NUMBERS = """
import reflex as rx

from coursebook.extend import Extension, Page, layout

SEATS = [{"day": "Mon", "seats": 4}, {"day": "Tue", "seats": 7}]


def numbers() -> rx.Component:
    return layout.page(
        rx.text("hello", size="5", id="text"),
        rx.el.p("red", color="red", id="red"),
        rx.table.root(rx.table.body(rx.table.row(rx.table.cell("Mon", id="cell")))),
        rx.recharts.bar_chart(
            rx.recharts.bar(data_key="seats", is_animation_active=False),
            rx.recharts.x_axis(data_key="day"),
            data=SEATS,
            height=200,
        ),
    )


extension = Extension(name="numbers", pages=(Page(route="/numbers", build=numbers, title="No."),))
"""
FRENCH = """
NAV_COURSES = "Cours"
NAV_BOOKINGS = "Mes réservations"
BOOK_NOW = "Réserver"
LANGUAGE_LABEL = "Langue"
SEARCH_HINT = "Chercher un cours"
"""
LOOK = """() => ["text", "red", "cell"].map((id) => {
  const { color, fontSize, display } = getComputedStyle(document.getElementById(id));
  return [id, color, fontSize, display];
})"""
COURSE = """\
[[course]]
slug = "raku-auf-deutsch"
title = "Raku auf Deutsch"
summary = "Fire your own bowl."
description = "Text."
category = "Crafts"
instructor = "Ines Duarte"
place_name = "Atelier Alfama"
place_address = "Rua da Regueira 40, Lisbon"
timezone = "Europe/Lisbon"
starts_at = 2099-03-14 10:00:00
ends_at = 2099-03-14 16:00:00
price = "45"
currency = "eur"
capacity = 8
teaching_language = "de"
"""


@pytest.fixture(scope="module")
def school_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The product with the example of the docs and five French texts in its SCHOOL_DIR."""
    folder: Path = tmp_path_factory.mktemp("with-school")
    shutil.copytree(EXAMPLE, folder / "school")
    (folder / "school" / "numbers").mkdir()
    (folder / "school" / "numbers" / "__init__.py").write_text(NUMBERS)
    (folder / "school" / "words").mkdir()
    (folder / "school" / "words" / "fr.toml").write_text(FRENCH, encoding="utf-8")
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


async def test_ordinary_reflex_looks_as_it_should_before_and_with_its_scripts(
    school_stack: Stack,
) -> None:
    async with chromium() as browser:
        for has_scripts in (False, True):
            context = await browser.new_context(viewport=DESKTOP, java_script_enabled=has_scripts)
            tab = await context.new_page()
            trouble: list[str] = []
            tab.on("console", lambda line, to=trouble: to.append(f"{line.type}: {line.text}"))
            await tab.goto(f"{school_stack.url}/numbers")
            if has_scripts:
                await tab.wait_for_selector(".recharts-bar-rectangle path")
                assert await tab.locator(".recharts-bar-rectangle path").count() == 2
            assert await tab.evaluate(LOOK) == [
                ["text", INK, "20px", "block"],
                ["red", RED, "16px", "block"],
                ["cell", "rgb(32, 32, 32)", "14px", "table-cell"],
            ]
            assert [line for line in trouble if line.startswith(("error", "warning"))] == []


def test_only_the_page_that_needs_it_is_less_strict_and_heavier(school_stack: Stack) -> None:
    pages = {path: page(school_stack, path) for path in ("/numbers", "/courses", "/teachers")}
    policies = {path: p.headers["content-security-policy"] for path, p in pages.items()}
    assert {path for path, policy in policies.items() if "unsafe-inline" in policy} == {"/numbers"}
    files = {path: _files(school_stack, answer.text) for path, answer in pages.items()}
    heavy = {path: [mark for mark in HEAVY if mark in text] for path, text in files.items()}
    assert heavy == {"/numbers": list(HEAVY), "/courses": [], "/teachers": []}
    assert "on this page only." in school_stack.log.read_text()
    assert "recharts" not in (ROOT / "reflex.lock" / "package.json").read_text()


def test_our_private_pages_still_have_their_shells(school_stack: Stack) -> None:
    answer = page(school_stack, "/manage/inbox/mie_1", "de")
    assert answer.status_code == 200
    assert "noindex" in answer.text
    assert 'lang="de"' in answer.text


def _files(stack: Stack, html: str) -> str:
    """Return the scripts and styles that a page names."""
    files = set(re.findall(r'"(/assets/[^"]+\.(?:js|css))"', html))
    return "".join(httpx.get(f"{stack.url}{file}").text for file in sorted(files))


@pytest.fixture(scope="module")
def german_course(school_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Import a course that is taught in German; return its address."""
    file = tmp_path_factory.mktemp("courses") / "courses.toml"
    file.write_text(COURSE, "utf-8")
    folders = {
        "COURSEBOOK_DATA": str(school_stack.data),
        "SCHOOL_DIR": str(school_stack.data.parent / "school"),
    }
    ran = subprocess.run(
        [COMMAND, "courses", "import", str(file), "--yes"],
        env=clean_environment() | folders,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Imported: 1 new" in ran.stdout, ran.stdout + ran.stderr
    return "/courses/raku-auf-deutsch"


def test_a_field_is_in_the_api_and_on_rendered_pages(
    school_stack: Stack, german_course: str
) -> None:
    api = school_stack.api()
    items = api.get("/api/courses?teaching_language=de").json()["items"]
    assert [(i["slug"], i["extra"]) for i in items] == [
        ("raku-auf-deutsch", {"teaching_language": "de"})
    ]
    assert api.get("/api/courses?teaching_language=fr").status_code == 422
    for language, label, value in (
        ("en", "Taught in", "German"),
        ("de", "Kurssprache", "Deutsch"),
    ):
        course = page(school_stack, german_course, language).text
        assert re.search(rf"<dt[^>]*>{label}</dt><dd[^>]*>{value}</dd>", course)
        catalog = page(school_stack, "/courses?teaching_language=de", language).text
        assert re.search(rf"<span[^>]*>{label}: {value}</span>", catalog)
        assert re.search(rf'<option value="de"[^>]*>{value}</option>', catalog)
        assert catalog.count('data-testid="course-card"') == 1


async def test_a_visitor_filters_by_a_field(school_stack: Stack, german_course: str) -> None:
    async with chromium() as browser:
        visitors = Visitors(browser, school_stack.url)
        visitor = await visitors.open()
        await visitor.goto("/courses")
        choice = visitor.get_by_role("combobox", name="Taught in")
        await choice.select_option("German")
        await expect(visitor.get_by_test_id("course-card")).to_have_count(1)
        assert visitor.url.endswith("/courses?teaching_language=de")
        await visitor.get_by_role("link", name="Raku auf Deutsch").click()
        await expect(visitor.locator("dt", has_text="Taught in")).to_be_visible()
        assert visitor.url.endswith(german_course)
        await visitor.go_back()
        await expect(choice).to_have_value("de")
        await visitor.get_by_role("link", name="Taught in: German").click()
        await expect(choice).to_have_value("")
        await expect(visitor.get_by_test_id("course-card")).not_to_have_count(1)
    assert visitors.unforgiven() == []


async def test_a_language_begins_with_five_texts(school_stack: Stack) -> None:
    async with chromium() as browser:
        visitors = Visitors(browser, school_stack.url)
        visitor = await visitors.open(locale="fr-FR")
        await visitor.goto("/courses")
        await expect(visitor.locator("html")).to_have_attribute("lang", "fr")
        navigation = visitor.get_by_role("banner")
        await expect(navigation.get_by_role("link", name="Cours", exact=True)).to_be_visible()
        await expect(navigation.get_by_role("link", name="Teachers")).to_be_visible()
        await expect(visitor.get_by_placeholder("Chercher un cours")).to_be_visible()
        await expect(visitor.get_by_role("combobox", name="Taught in")).to_be_visible()
        await visitor.get_by_test_id("course-card").first.get_by_role("link").first.click()
        await expect(visitor.get_by_role("button", name="Réserver")).to_be_visible()
        empty = "[...document.querySelectorAll('button, a, label')].filter(e => !e.innerText.trim()"
        empty += " && !e.ariaLabel && !e.querySelector('img[alt]')).map(e => e.outerHTML)"
        assert await visitor.evaluate(empty) == []
    assert visitors.unforgiven() == []


def _normal(html: str) -> str:
    """Return the HTML with the attributes of a link in one order."""
    return re.sub(r'<link href="([^"]*)" rel="canonical"', r'<link rel="canonical" href="\1"', html)
