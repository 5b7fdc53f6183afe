"""Course descriptions: a small, safe part of Markdown into blocks that the pages draw.

Headings, paragraphs, lists, bold, italic and links to http(s) addresses; everything else stays
plain text. No HTML is ever made here: the result is data, drawn with escaped text nodes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MAX_LENGTH = 20_000
"""Longer sources are cut, so that a page stays a page."""

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_BULLET = re.compile(r"^\s{0,3}[-*+]\s+(.+)$")
_NUMBER = re.compile(r"^\s{0,3}\d{1,9}[.)]\s+(.+)$")
_INLINE = re.compile(
    r"\*\*(?P<strong>[^*\s](?:[^*]*[^*\s])?)\*\*"
    r"|\*(?P<em>[^*\s](?:[^*]*[^*\s])?)\*"
    r"|(?<!\w)_(?P<em2>[^_\s](?:[^_]*[^_\s])?)_(?!\w)"
    r"|\[(?P<label>[^\[\]]+)\]\((?P<href>[^()\s]+)\)"
)


@dataclass(frozen=True)
class Span:
    """A piece of text: `kind` is `text`, `strong`, `em` or `link` (only then `href` is set)."""

    kind: str
    text: str
    href: str = ""


@dataclass(frozen=True)
class Item:
    """One point of a list."""

    spans: list[Span] = field(default_factory=list)


@dataclass(frozen=True)
class Block:
    """A block: `kind` is `heading`, `paragraph`, `bullets` or `numbers` (the last two: points)."""

    kind: str
    spans: list[Span] = field(default_factory=list)
    points: list[Item] = field(default_factory=list)


def blocks_of(source: str) -> list[Block]:
    """Read Markdown into blocks. Never raises; unknown constructs stay text."""
    blocks: list[Block] = []
    for lines in _groups(source[:MAX_LENGTH]):
        blocks.extend(_blocks_of_group(lines))
    return blocks


def spans_of(text: str) -> list[Span]:
    """Read the inside of a line: bold, italic, links."""
    spans: list[Span] = []
    position = 0
    for found in _INLINE.finditer(text):
        if found.start() > position:
            spans.append(Span("text", text[position : found.start()]))
        spans.append(_span_of(found))
        position = found.end()
    if position < len(text):
        spans.append(Span("text", text[position:]))
    return spans


def _span_of(found: re.Match[str]) -> Span:
    if strong := found["strong"]:
        return Span("strong", strong)
    if em := found["em"] or found["em2"]:
        return Span("em", em)
    label, href = found["label"], found["href"]
    return Span("link", label, href) if _is_web_address(href) else Span("text", label)


def _is_web_address(href: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _groups(source: str) -> Iterator[list[str]]:
    """Split at empty lines."""
    lines: list[str] = []
    for line in source.splitlines():
        if line.strip():
            lines.append(line.rstrip())
        elif lines:
            yield lines
            lines = []
    if lines:
        yield lines


def _blocks_of_group(lines: list[str]) -> Iterator[Block]:
    text: list[str] = []
    points: list[str] = []
    kind = ""
    for line in lines:
        heading, point = _HEADING.match(line), _point(line)
        if points and (heading or (point and point[0] != kind)):
            yield _listed(kind, points)
            points = []
        if text and (heading or point):
            yield _paragraph(text)
            text = []
        if heading:
            yield Block("heading", spans_of(heading[2]))
        elif point:
            kind = point[0]
            points.append(point[1])
        elif points:
            points[-1] += " " + line.strip()
        else:
            text.append(line.strip())
    if points:
        yield _listed(kind, points)
    if text:
        yield _paragraph(text)


def _point(line: str) -> tuple[str, str] | None:
    if bullet := _BULLET.match(line):
        return "bullets", bullet[1]
    if number := _NUMBER.match(line):
        return "numbers", number[1]
    return None


def _paragraph(lines: list[str]) -> Block:
    return Block("paragraph", spans_of(" ".join(lines)))


def _listed(kind: str, points: list[str]) -> Block:
    return Block(kind, points=[Item(spans_of(point)) for point in points])
