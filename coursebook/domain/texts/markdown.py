"""Parses descriptions and messages: a small, safe subset of Markdown into blocks.

Headings, paragraphs, lists, quotes, bold, italic, inline code and links to http(s) addresses;
everything else stays plain text. The result is data, not HTML; pages and mails escape its texts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

MAX_LENGTH = 20_000
"""Longer sources are cut, to limit the size of a page."""


@dataclass(frozen=True)
class Span:
    """A piece of text of one kind; only a link has an `href`.

    `kind` is `text`, `strong`, `em`, `strong_em`, `code` or `link`.
    """

    kind: str
    text: str
    href: str = ""


@dataclass(frozen=True)
class Item:
    """One point of a list: its text, then the blocks under it (a nested list, more paragraphs)."""

    spans: list[Span] = field(default_factory=list)
    blocks: "list[Block]" = field(default_factory=list)


@dataclass(frozen=True)
class Block:
    """A block: `kind` is `heading`, `paragraph`, `bullets`, `numbers` or `quote`.

    Lists have points, a quote has blocks, the others have spans. `start` is the first number of a
    numbered list.
    """

    kind: str
    spans: list[Span] = field(default_factory=list)
    points: list[Item] = field(default_factory=list)
    blocks: "list[Block]" = field(default_factory=list)
    start: int = 1


def blocks_of(source: str) -> list[Block]:
    """Return the blocks of a Markdown text. Never raises; unknown constructs stay text."""
    return _blocks(SyntaxTreeNode(_PARSER.parse(source[:MAX_LENGTH])).children)


def _parser() -> MarkdownIt:
    """Return a CommonMark parser that keeps unsupported constructs as text."""
    parser = MarkdownIt("commonmark", {"html": False})
    parser.disable(["code", "fence", "lheading", "hr"])
    parser.disable(["reference", "autolink", "entity", "image"])
    # The parser accepts every address, and `_is_web_address` decides later: a refused link keeps
    # its text, where the parser would keep its Markdown source.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return parser


_PARSER = _parser()
_LISTS = {"bullet_list": "bullets", "ordered_list": "numbers"}


def _blocks(nodes: Iterable[SyntaxTreeNode]) -> list[Block]:
    return [block for node in nodes if (block := _block(node))]


def _block(node: SyntaxTreeNode) -> Block | None:
    """Return None for an empty heading: a screen reader would announce it."""
    match node.type:
        case "bullet_list" | "ordered_list":
            return Block(
                _LISTS[node.type],
                points=[_item(point) for point in node.children],
                start=int(node.attrs.get("start", 1)),
            )
        case "blockquote":
            return Block("quote", blocks=_blocks(node.children))
    spans = _spans(node)
    return Block(node.type, spans) if spans else None


def _item(node: SyntaxTreeNode) -> Item:
    children = node.children
    if children and children[0].type == "paragraph":
        return Item(_spans(children[0]), _blocks(children[1:]))
    return Item(blocks=_blocks(children))


def _spans(node: SyntaxTreeNode) -> list[Span]:
    """Return the spans of a paragraph or heading; adjacent spans of one kind are merged."""
    spans: list[Span] = []
    for span in _pieces(node.children, "text"):
        if spans and span.kind != "link" and spans[-1].kind == span.kind:
            spans[-1] = Span(span.kind, spans[-1].text + span.text)
        else:
            spans.append(span)
    return spans


def _pieces(nodes: Iterable[SyntaxTreeNode], kind: str) -> Iterator[Span]:
    for node in nodes:
        match node.type:
            case "text" if node.content:
                yield Span(kind, node.content)
            case "softbreak" | "hardbreak":
                yield Span(kind, " ")
            case "code_inline":
                yield Span("code", node.content)
            case "link" if _is_web_address(href := str(node.attrs["href"])):
                yield Span("link", _text(node), href)
            case "strong" | "em" as weight:
                both = weight if kind in ("text", weight) else "strong_em"
                yield from _pieces(node.children, both)
            case _:
                yield from _pieces(node.children, kind)


def _text(node: SyntaxTreeNode) -> str:
    """Return the plain text: a link is rendered as one span."""
    return "".join(span.text for span in _pieces(node.children, "text"))


def _is_web_address(href: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    is_web = href.lower().startswith(("http://", "https://"))  # urlsplit drops control characters
    return is_web and bool(parts.hostname)
