"""Accessibility checks: keyboard use, axe rules, target sizes and page width."""

import json
from collections.abc import Mapping
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, Page

ONLY_VIOLATIONS = {"resultTypes": ["violations"]}
"""All rules are run; of what passes, one element is described instead of each."""
ALL_RULES: Mapping[str, Any] = {}
ABOUT_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""The rules whose result may be another one in other colours: contrast, and links inside text."""
MOST_TABS = 80
LEAST_TARGET = 24
"""CSS pixels (WCAG 2.2, 2.5.8). Links inside of a sentence are exempt there, and here."""
SMALL = """least => [...document.querySelectorAll("a, button, input, select, summary")]
  .filter((it) => it.checkVisibility() && !it.closest("p, li p, dd, .sr-only"))
  .map((it) => [it, (it.closest("label") ?? it).getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.width < least || box.height < least))
  .map(([it, box]) => `${it.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""
IS_AT_REST = """() => !document.querySelector("[aria-busy=true]")
  && document.getAnimations().every((it) => it.effect.getTiming().iterations === Infinity)"""
"""A list that waits for its answer is faint until it comes."""
FONTS = ("serif", "sans-serif", "Liberation Serif, Times New Roman", "")
"""What a page may have to do with while its own font has not come (and then nothing changes it)."""
IN_FONT = """font => ["--font-text", "--font-display"].forEach(
  (it) => document.documentElement.style.setProperty(it, font))"""
WIDER = """() => [...document.querySelectorAll("body *")]
  .filter((it) => document.documentElement.scrollWidth > innerWidth
    && it.getBoundingClientRect().right > innerWidth + 1)
  .map((it) => it.outerHTML.slice(0, 100)).slice(0, 5)"""


async def reach(page: Page, target: Locator) -> None:
    """Press Tab until `target` has the focus, and assert that the focus is visible."""
    await target.wait_for()
    for _ in range(MOST_TABS):
        if await target.evaluate("it => it === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    else:
        raise AssertionError(f"Tab does not lead to {target}.")
    ring = "it => { const {outlineStyle: s, boxShadow: b} = getComputedStyle(it); return [s, b]; }"
    assert await target.evaluate(ring) != ["none", "none"], f"{target} does not show its focus"


async def press(page: Page, target: Locator) -> None:
    """Move the focus to an element by keyboard and press Enter."""
    await reach(page, target)
    await page.keyboard.press("Enter")


async def write(page: Page, target: Locator, text: str) -> None:
    """Move the focus to a field by keyboard and replace its text."""
    await reach(page, target)
    await page.keyboard.press("Control+A")
    await page.keyboard.type(text)


async def assert_good_for_everybody(page: Page) -> None:
    """Fail if an axe rule is broken, a target is too small or the page is too wide.

    The page must come to rest first.
    """
    await _assert_no_broken_rule(page)
    for font in FONTS:
        await page.evaluate(IN_FONT, font)
        small = await page.evaluate(SMALL, LEAST_TARGET)
        assert not small, f"{page.url}: too small to press in {font or 'its own font'}: {small}"
    wide = await page.evaluate(WIDER)
    assert not wide, f"{page.url}: wider than the page: {wide}"


async def assert_good_in_light_and_dark(page: Page) -> None:
    """The same for a page in light colours, and then for its dark ones."""
    await page.emulate_media(color_scheme="light")
    await assert_good_for_everybody(page)
    await page.emulate_media(color_scheme="dark")
    await _assert_no_broken_rule(page, ABOUT_COLOURS)
    await page.emulate_media(color_scheme="light")


async def _assert_no_broken_rule(page: Page, rules: Mapping[str, Any] = ALL_RULES) -> None:
    await page.wait_for_function(IS_AT_REST)
    axe_results: dict[str, Any] = (
        await Axe().run(page, options={**rules, **ONLY_VIOLATIONS})
    ).response
    broken = [
        {"id": it["id"], "nodes": [_elements_of(node) for node in it["nodes"]]}
        for it in axe_results["violations"]
    ]
    assert not broken, f"{page.url}\n{json.dumps(broken, indent=1)}"


def _elements_of(node: dict[str, Any]) -> list[str]:
    """Return the element of a finding and those that it was compared with."""
    compared = [check.get("relatedNodes", []) for check in [*node["any"], *node["all"]]]
    return [node["html"], *(related["html"] for nodes in compared for related in nodes)]
