"""The component of the page at the door, with its looks. What it does is in `door.jsx`."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.text import DISPLAY

JSQR = "jsqr@1.4.0"
"""Reads QR codes where the browser itself cannot; loaded when the camera is opened."""
_PARTS = ("phone_storage.js", "door_list.js", "texts.jsx", "faces.jsx", "scanner.jsx", "door.jsx")
_FILES = [browser_file(__name__, name) for name in _PARTS]
_PILL = (
    "inline-flex min-h-13 cursor-pointer items-center justify-center gap-2 rounded-full px-5 "
    "text-base font-semibold"
)
_WIDE = (
    "inline-flex min-h-15 w-full cursor-pointer items-center justify-center gap-3 rounded-full "
    "px-6 text-lg font-semibold"
)
_PRIMARY = "bg-(--accent) text-(--on-accent) hover:bg-(--accent-strong)"
_EDGED = "border border-(--edge) bg-(--surface) text-(--ink) hover:border-(--accent)"
_TONES = (
    "data-[tone=good]:bg-(--good) data-[tone=good]:text-(--paper) data-[tone=bad]:bg-(--bad) "
    "data-[tone=bad]:text-(--paper) data-[tone=accent]:bg-(--accent) "
    "data-[tone=accent]:text-(--on-accent)"
)
_LOOK = {
    "column": "mx-auto flex min-h-dvh w-full max-w-160 flex-col bg-(--paper) "
    "sm:border-x sm:border-(--line)",
    "alone": "mx-auto flex min-h-dvh w-full max-w-160 flex-col items-start justify-center gap-5 "
    "px-5 text-lg text-(--ink)",
    "head": "flex flex-col gap-1 px-5 pt-3 pb-4",
    "topLine": "flex min-h-11 items-center justify-between gap-4 text-(--ink-soft) "
    "[[data-tone]_&]:text-current",
    "back": "-ml-1 inline-flex min-h-11 items-center gap-1 rounded-sm hover:text-(--ink)",
    "title": f"{DISPLAY} text-2xl leading-tight text-(--ink)",
    "countLine": "flex flex-wrap items-baseline justify-between gap-x-4",
    "count": f"{DISPLAY} text-xl text-(--ink)",
    "number": "text-[2.5rem] leading-none tabular-nums",
    "bar": "mt-2 h-3 w-full appearance-none overflow-hidden rounded-sm bg-(--sunken) "
    "[&::-moz-progress-bar]:bg-(--accent) [&::-webkit-progress-bar]:bg-(--line) "
    "[&::-webkit-progress-value]:bg-(--accent)",
    "parts": "mt-2 flex h-3 gap-0.5",
    "part": "min-w-0 flex-1 rounded-xs bg-(--accent)/40 data-here:bg-(--accent)",
    "tools": "sticky top-0 z-10 flex gap-3 border-b border-(--line) bg-(--paper) px-5 py-3",
    "scan": f"{_PILL} {_PRIMARY} shrink-0",
    "searchBox": "relative flex min-w-0 flex-1 items-center [&_svg]:pointer-events-none "
    "[&_svg]:absolute [&_svg]:left-4 [&_svg]:text-(--ink-soft)",
    "search": "min-h-13 w-full min-w-0 rounded-xl border border-(--edge) bg-(--surface) pr-3 pl-11 "
    "text-base text-(--ink) placeholder:text-(--ink-soft)",
    "spoken": "sr-only",
    "list": "flex flex-col",
    "row": "flex items-stretch border-b border-(--line) pl-5",
    "rowButton": "flex min-h-18 min-w-0 flex-1 cursor-pointer items-center gap-3.5 py-2.5 "
    "text-left",
    "mark": "flex size-11 shrink-0 items-center justify-center rounded-full border-2 "
    "border-(--edge) bg-(--surface) data-[mark=own]:border-dashed data-[mark=own]:border-(--good) "
    "data-[mark=own]:bg-(--good-soft) data-[mark=own]:text-(--good) "
    "data-[mark=sent]:border-(--good) data-[mark=sent]:bg-(--good) "
    "data-[mark=sent]:text-(--paper)",
    "person": "flex min-w-0 flex-col gap-0.5",
    "name": "text-lg leading-snug font-semibold text-(--ink) wrap-anywhere",
    "lines": "flex flex-wrap gap-x-3.5 text-[0.9375rem]",
    "good": "text-(--good)",
    "soft": "text-(--ink-soft) wrap-anywhere",
    "owes": "font-semibold text-(--warn)",
    "warned": "inline-flex items-center gap-1.5 font-semibold text-(--bad) wrap-anywhere",
    "more": "flex w-16 shrink-0 cursor-pointer items-center justify-center text-(--ink-soft) "
    "hover:text-(--ink)",
    "empty": "px-5 py-10 text-(--ink-soft)",
    "refusals": "flex flex-wrap items-start justify-between gap-3 border-b border-(--line) "
    "bg-(--warn-soft) px-5 py-4 font-semibold text-(--warn)",
    "quiet": f"{_PILL} {_EDGED}",
    "strip": "sticky bottom-0 mt-auto flex min-h-18 items-center justify-between gap-4 border-t "
    "border-(--line) bg-(--paper) px-5 py-3 data-away:bg-(--warn-soft)",
    "stripText": "flex min-w-0 flex-1 items-start gap-2.5 text-sm text-(--ink) [&_b]:block "
    "[&_b]:text-base [&_b]:text-(--warn) [&_svg]:shrink-0 [&_svg]:text-(--warn)",
    "link": "font-semibold underline underline-offset-4",
    "pill": f"{_PILL} {_EDGED} ml-auto shrink-0",
    "screen": "mx-auto flex min-h-dvh w-full max-w-160 flex-col gap-5 bg-(--paper) px-5 pt-3 pb-6 "
    f"text-(--ink) {_TONES}",
    "close": "-mr-2.5 flex size-11 cursor-pointer items-center justify-center",
    "message": "flex flex-1 flex-col items-center justify-center gap-3 text-center text-lg",
    "seal": "flex size-20 items-center justify-center rounded-full bg-(--paper) text-(--good)",
    "big": f"{DISPLAY} !text-current text-[2.25rem] leading-tight wrap-anywhere outline-none",
    "card": "flex items-center justify-between gap-4 rounded-2xl bg-(--paper) px-5 py-4 text-xl "
    "text-(--ink) data-warned:text-2xl data-warned:font-semibold data-warned:text-(--bad)",
    "debt": "flex flex-wrap items-center justify-between gap-3 rounded-2xl bg-(--paper) px-5 py-4 "
    "text-xl text-(--ink)",
    "answers": "flex flex-wrap gap-3",
    "cash": f"{_PILL} {_PRIMARY}",
    "foot": "mt-auto flex flex-col items-center gap-3",
    "wide": f"{_WIDE} bg-(--surface) text-(--ink) border border-(--edge)",
    "scanWide": f"{_WIDE} {_PRIMARY}",
    "undo": "inline-flex min-h-12 cursor-pointer items-center gap-2 px-4 font-semibold",
    "video": "min-h-0 w-full flex-1 rounded-2xl bg-(--sunken) object-cover",
    "hint": "text-center text-(--ink-soft)",
    "label": "flex flex-col gap-1.5 font-semibold",
    "field": "min-h-13 rounded-xl border border-(--edge) bg-(--surface) px-4 text-base",
    "ways": "flex flex-col gap-1 [&_legend]:mb-1 [&_legend]:font-semibold",
    "way": "flex min-h-12 cursor-pointer items-center gap-3 [&_input]:size-5 "
    "[&_input]:accent-(--accent)",
    "problem": "font-semibold text-(--bad) empty:hidden",
}


class Door(rx.Component):
    """The page at the door of the meeting whose id is the parameter `meeting_key`.

    `words` are its texts, some with gaps.
    """

    library = _FILES[-1]
    tag = "Door"
    lib_dependencies: list[str] = [JSQR]

    words: rx.Var[dict[str, Any]]
    paths: rx.Var[dict[str, str]]
    look: rx.Var[dict[str, str]]


def door(words: Mapping[str, Any], paths: Mapping[str, str], *, target: str) -> rx.Component:
    """Return the whole page of the meeting in the address; it loads and sends by the API.

    `paths` are the addresses `back` and `signIn`.
    """
    return rx.el.main(
        Door.create(words=rx.Var.create(dict(words)), paths=rx.Var.create(dict(paths)), look=_LOOK),
        id=target,
        tab_index=-1,
        class_name="flex-1",
    )
