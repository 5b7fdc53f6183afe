"""Placeholders in a message: words in braces that stand for what differs from person to person."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from coursebook.domain.texts.markdown import Block, Item, Span, blocks_of

PLACEHOLDERS = ("name", "course", "when", "where", "link")
"""All of them. `link` leads to the booking; the others are text."""
_PLACEHOLDER = re.compile(r"\{([^{}\n]{0,60})\}")
_NO_NAME = re.compile(r"[^\S\n]*\{name\}")


def unknown_placeholders(text: str) -> list[str]:
    """Return what stands in braces and is no placeholder, each once."""
    names = (match[1] for match in _PLACEHOLDER.finditer(text))
    return list(dict.fromkeys(name for name in names if name not in PLACEHOLDERS))


def filled_line(line: str, values: Mapping[str, str]) -> str:
    """Return one line with the values, such as a subject."""
    return " ".join(_filled(line, values).split())


def filled_blocks(source: str, values: Mapping[str, str], link_text: str) -> list[Block]:
    """Return the blocks of a Markdown text with the values in place of the placeholders.

    Values go in after parsing, so that nothing in a name is read as Markdown. `link_text` is what a
    `{link}` shows; it leads to `values["link"]`, also as the address of a link.
    """
    address = values["link"]
    blocks = blocks_of(source.replace("]({link})", f"]({address})"))
    return [_block(block, values, link_text) for block in blocks]


def _filled(text: str, values: Mapping[str, str]) -> str:
    if not values["name"]:  # "Hello {name}," becomes "Hello,"
        text = _NO_NAME.sub("", text)
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


def _block(block: Block, values: Mapping[str, str], link_text: str) -> Block:
    return replace(
        block,
        spans=_spans(block.spans, values, link_text),
        points=[
            Item(
                _spans(item.spans, values, link_text),
                [_block(inner, values, link_text) for inner in item.blocks],
            )
            for item in block.points
        ],
        blocks=[_block(inner, values, link_text) for inner in block.blocks],
    )


def _spans(spans: Sequence[Span], values: Mapping[str, str], link_text: str) -> list[Span]:
    return [part for span in spans for part in _parts(span, values, link_text)]


def _parts(span: Span, values: Mapping[str, str], link_text: str) -> Iterator[Span]:
    """Yield the parts of a span: its text, and a link in place of each `{link}`."""
    if span.kind == "link":
        yield replace(span, text=_filled(span.text, {**values, "link": link_text}))
        return
    for number, text in enumerate(span.text.split("{link}")):
        if number:
            yield Span("link", link_text, values["link"])
        if text:
            yield replace(span, text=_filled(text, values))
