"""A field for one picture: chosen or dropped, uploaded at once, with its progress."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.actions import TEXT_LINK
from coursebook.ui.kit.types import Text

_FILE = browser_file(__name__, "picture_drop.jsx")
_LOOK = {
    "box": "flex min-h-28 flex-wrap items-center gap-4 rounded-xl border border-dashed "
    "border-(--edge) bg-(--surface) p-4 data-over:border-(--accent) data-over:bg-(--accent-soft) "
    "has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-offset-2 "
    "has-[:focus-visible]:outline-(--accent)",
    "picture": "h-20 w-32 rounded-lg object-cover",
    "side": "flex min-w-0 flex-1 flex-col gap-1.5",
    "line": "flex flex-wrap items-center gap-x-4 gap-y-1",
    "link": f"{TEXT_LINK} min-h-6 cursor-pointer",
    "hint": "text-sm text-(--ink-soft) empty:hidden",
    "bad": "text-sm text-(--bad)",
    "input": "sr-only",
    "progress": "h-1.5 w-full max-w-60 accent-(--accent)",
}


class PictureDrop(rx.Component):
    """The field `name` holds the address of the uploaded picture, "" without one.

    `words` are its texts: `choose`, `drop`, `replace`, `remove`, `loading`, `done`, `too_large`,
    `wrong_type`, `damaged`, `signed_out`, `failed`.
    """

    library = _FILE
    tag = "PictureDrop"

    name: rx.Var[str]
    value: rx.Var[str]
    field_id: rx.Var[str]
    words: rx.Var[dict[str, str]]
    is_locked: rx.Var[bool]
    look: rx.Var[dict[str, str]]


def picture_drop(
    label: Text,
    field_id: str,
    *,
    name: str,
    value: Text,
    words: Mapping[str, Text],
    hint: Text = "",
    aside: Text = "",
    is_locked: rx.Var[bool] | bool = False,
) -> rx.Component:
    """Return a field for one picture. `value` is the address of the stored one."""
    note = f"{field_id}-note"
    props: dict[str, Any] = {"custom_attrs": {"aria-describedby": note}}
    return rx.el.div(
        rx.el.div(
            rx.el.label(
                label,
                html_for=field_id,
                class_name="text-[0.9375rem] font-semibold text-(--ink)",
            ),
            rx.el.span(aside, class_name="text-sm text-(--ink-soft) empty:hidden"),
            class_name="flex items-baseline justify-between gap-3",
        ),
        PictureDrop.create(
            name=name,
            value=value,
            field_id=field_id,
            words=rx.Var.create(dict(words)),
            is_locked=is_locked,
            look=_LOOK,
            **props,
        ),
        rx.el.p(hint, id=note, class_name="text-sm leading-relaxed text-(--ink-soft)"),
        class_name="flex min-w-0 flex-col gap-1.5",
    )
