"""Running text made of blocks: headings, paragraphs, lists. Text nodes only, never raw HTML."""

import reflex as rx

from coursebook.ui.kit.actions import outside_link
from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.markdown import Block, Item, Span

_TEXT = "max-w-[68ch] text-lg leading-relaxed text-(--ink)"


def prose(blocks: rx.Var[list[Block]], **props: object) -> rx.Component:
    """Return a text with its headings and lists."""
    return rx.el.div(rx.foreach(blocks, _block), class_name="flex flex-col gap-5", **props)


def _block(block: rx.Var[Block]) -> rx.Component:
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
        ("numbers", rx.el.ol(rx.foreach(block.points, _item), class_name=f"{_TEXT} {_DIGITS}")),
        rx.el.p(rx.foreach(block.spans, _span), class_name=_TEXT, dir="auto"),
    )


_DISCS = "list-disc space-y-2 pl-5 marker:text-(--accent)"
_DIGITS = "list-decimal space-y-2 pl-6 marker:text-(--accent)"


def _item(item: rx.Var[Item]) -> rx.Component:
    return rx.el.li(rx.foreach(item.spans, _span), class_name="pl-1", dir="auto")


def _span(span: rx.Var[Span]) -> rx.Component:
    return rx.match(
        span.kind,
        ("strong", rx.el.strong(span.text, class_name="font-semibold")),
        ("em", rx.el.em(span.text)),
        ("link", outside_link(span.text, href=span.href)),
        rx.el.span(span.text),
    )
