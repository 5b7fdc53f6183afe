"""Running text made of blocks: headings, paragraphs, lists, quotes. Text nodes, never raw HTML."""

import reflex as rx

from coursebook.domain.texts.markdown import Block, Item, Span
from coursebook.ui.kit.actions import outside_link
from coursebook.ui.kit.text import DISPLAY

_TEXT = "max-w-[68ch] text-lg leading-relaxed text-(--ink)"


def prose(blocks: rx.Var[list[Block]], **props: object) -> rx.Component:
    """Return a text with its headings, lists and quotes."""
    return rx.el.div(rx.foreach(blocks, _block), class_name="flex flex-col gap-5", **props)


@rx.memo
def prose_block(block: rx.Var[Block]) -> rx.Component:
    """Return one block. It is a memo, because list points and quotes contain blocks again."""
    return rx.match(
        block.kind,
        (
            "heading",
            rx.el.h3(
                rx.foreach(block.spans, _span),
                class_name=f"{DISPLAY} mt-3 text-xl leading-snug",
                dir="auto",
            ),
        ),
        ("bullets", rx.el.ul(rx.foreach(block.points, _item), class_name=f"{_TEXT} {_DISCS}")),
        (
            "numbers",
            rx.el.ol(
                rx.foreach(block.points, _item),
                class_name=f"{_TEXT} {_DIGITS}",
                start=block.start,
            ),
        ),
        ("quote", rx.el.blockquote(rx.foreach(block.blocks, _block), class_name=_QUOTE)),
        rx.el.p(rx.foreach(block.spans, _span), class_name=_TEXT, dir="auto"),
    )


def _block(block: rx.Var[Block]) -> rx.Component:
    return prose_block(block=block)


_DISCS = "list-disc space-y-2 pl-5 marker:text-(--accent)"
_DIGITS = "list-decimal space-y-2 pl-6 marker:text-(--accent)"
_QUOTE = "flex max-w-[68ch] flex-col gap-3 border-s-4 border-(--line) ps-4"
_CODE = "rounded-sm bg-(--accent-soft) px-1 font-mono text-[0.9em] break-words"


def _item(item: rx.Var[Item]) -> rx.Component:
    return rx.el.li(
        rx.foreach(item.spans, _span),
        rx.cond(
            item.blocks.length() > 0,
            rx.el.div(rx.foreach(item.blocks, _block), class_name="mt-2 flex flex-col gap-2"),
        ),
        class_name="pl-1",
        dir="auto",
    )


def _span(span: rx.Var[Span]) -> rx.Component:
    return rx.match(
        span.kind,
        ("strong", rx.el.strong(span.text, class_name=_STRONG)),
        ("em", rx.el.em(span.text)),
        ("strong_em", rx.el.strong(rx.el.em(span.text), class_name=_STRONG)),
        ("code", rx.el.code(span.text, class_name=_CODE)),
        ("link", outside_link(span.text, href=span.href)),
        rx.el.span(span.text),
    )


_STRONG = "font-semibold"
