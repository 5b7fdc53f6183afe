"""Reads the pages of the documentation, for tests that compare them with the code."""

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One Markdown file. `name` is its path from the repository root."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The text without its fenced code blocks."""
        return FENCE.sub("", self.text)

    def blocks(self, language: str) -> list[str]:
        """The fenced code blocks in one language."""
        return [dedent(body) for _, kind, body in FENCE.findall(self.text) if kind == language]

    def links(self) -> list[str]:
        """The targets of its links and images."""
        return LINK.findall(self.prose)

    def anchors(self) -> set[str]:
        """The anchors that a link can name after `#`."""
        return {anchor_of(heading) for heading in HEADING.findall(self.prose)}

    def section(self, title: str) -> str:
        """The text under the heading that contains `title`, up to the next heading of its level."""
        start = re.search(rf"^(#+) [^\n]*{re.escape(title)}[^\n]*\n", self.text, re.MULTILINE)
        assert start, f"{self.name} has no section {title!r}"
        rest = self.text[start.end() :]
        end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
        return rest[: end.start()] if end else rest


def anchor_of(heading: str) -> str:
    """Return the anchor that GitHub gives to a heading."""
    plain = re.sub(r"[^\w\- ]", "", heading.lower())
    return plain.strip().replace(" ", "-")


def page(name: str) -> Page:
    """Return one page by its path from the repository root."""
    return Page(ROOT / name)


def all_pages() -> list[Page]:
    """Return the README and everything in docs/."""
    return [page("README.md"), *(Page(path) for path in sorted((ROOT / "docs").rglob("*.md")))]


def rows(table: str) -> list[list[str]]:
    """Return the cells of every table row in a text, without the separator rows."""
    lines = [line.strip().strip("|").split("|") for line in table.splitlines() if "|" in line]
    cells = [[cell.strip() for cell in row] for row in lines]
    return [row for row in cells if not all(set(cell) <= set("-: ") for cell in row)]


def marked(text: str) -> set[str]:
    """Return every text in `backticks`."""
    return set(re.findall(r"`([^`\n]+)`", text))
