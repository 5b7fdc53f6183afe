"""Keeps what was typed into a form, whatever happens to the page or to the connection."""

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.actions import button
from coursebook.ui.kit.messages import notice
from coursebook.ui.kit.types import Handler, Text

_FILE = browser_file(__name__, "draft.jsx")
UNSAVED = "data-unsaved"
"""The attribute of a form with texts that are not stored; its group is `group/form`."""


def _texts(texts: rx.Var[dict[str, str]]) -> tuple[rx.Var[dict[str, str]]]:
    return (texts,)


def _texts_and_version(
    texts: rx.Var[dict[str, str]], version: rx.Var[int]
) -> tuple[rx.Var[dict[str, str]], rx.Var[int]]:
    return texts, version


class FormDraft(rx.Component):
    """Stands inside of a form. Its children are the offer to put an old draft back.

    `name` is that of the draft in the storage of the tab, `version` that of the stored object it
    began with. `on_typed(texts)` fires after each pause in typing; `on_restored(texts, version)`
    when a draft is to be shown again: at once when only the connection was lost, else when the
    person chooses so. `saved_stamp` counts saves, `shown_stamp` texts from the server, and
    `restored_stamp` drafts put back, `rows` the rows of the form.
    """

    library = _FILE
    tag = "FormDraft"

    name: rx.Var[str]
    version: rx.Var[int]
    saved_stamp: rx.Var[int]
    shown_stamp: rx.Var[int]
    restored_stamp: rx.Var[int]
    rows: rx.Var[int]
    on_typed: rx.EventHandler[_texts]
    on_restored: rx.EventHandler[_texts_and_version]


def form_draft(
    *,
    name: Text,
    version: rx.Var[int],
    saved_stamp: rx.Var[int],
    shown_stamp: rx.Var[int],
    restored_stamp: rx.Var[int],
    rows: rx.Var[int],
    left: Text,
    restore: Text,
    forget: Text,
    on_typed: Handler,
    on_restored: Handler,
) -> rx.Component:
    """Return the keeper of a form; `left`, `restore` and `forget` are the words of its offer."""
    return FormDraft.create(
        notice(
            left,
            "info",
            rx.el.div(
                button(restore, look="secondary", custom_attrs={"data-draft": "restore"}),
                button(forget, look="quiet", custom_attrs={"data-draft": "forget"}),
                class_name="flex flex-wrap items-center gap-4",
            ),
        ),
        name=name,
        version=version,
        saved_stamp=saved_stamp,
        shown_stamp=shown_stamp,
        restored_stamp=restored_stamp,
        rows=rows,
        on_typed=on_typed,
        on_restored=on_restored,
    )
