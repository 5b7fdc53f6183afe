"""A long text in Markdown, with buttons for bold, italic, a list and a link."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.forms.inputs import long_field
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.types import Text

_FILE = browser_file(__name__, "markdown.jsx")
TOOLS = {"bold": "bold", "italic": "italic", "list": "list", "link": "link"}
"""The icons of the buttons."""


class MarkdownTools(rx.Component):
    """Buttons that write into the text area with the id `target`.

    A button with `data-tool` writes; `words` are the sample texts, by the same names.
    """

    library = _FILE
    tag = "MarkdownTools"

    target: rx.Var[str]
    words: rx.Var[dict[str, str]]
    is_locked: rx.Var[bool]


def markdown_field(
    label: Text,
    field_id: str,
    *,
    tools: Mapping[str, Text],
    inserts: Mapping[str, Text] | None = None,
    is_locked: rx.Var[bool] | bool = False,
    **props: Any,
) -> rx.Component:
    """Return a field for a long text. `tools` names the buttons: bold, italic, list, link.

    `inserts` has further buttons: what each writes, such as `{name}`, with its label.
    """
    buttons = [
        rx.el.button(
            icon(sign, size="md"),
            type="button",
            aria_label=tools[name],
            title=tools[name],
            custom_attrs={"data-tool": name},
            class_name="inline-flex size-11 cursor-pointer items-center justify-center rounded-lg "
            "text-(--ink-soft) hover:bg-(--accent-soft) hover:text-(--accent)",
        )
        for name, sign in TOOLS.items()
    ]
    placeholders = [
        rx.el.button(
            text,
            type="button",
            custom_attrs={"data-tool": written},
            class_name="min-h-11 cursor-pointer rounded-lg px-2 text-sm font-medium "
            "text-(--accent) hover:bg-(--accent-soft)",
        )
        for written, text in (inserts or {}).items()
    ]
    row = MarkdownTools.create(
        *buttons,
        *placeholders,
        target=field_id,
        words=rx.Var.create(dict(tools)),
        is_locked=is_locked,
        class_name="flex flex-wrap rounded-t-xl border border-b-0 border-(--edge) bg-(--surface) "
        "px-1.5 py-0.5",
    )
    return long_field(label, field_id, above=row, **props)
