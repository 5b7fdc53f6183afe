"""The button of an act that cannot be undone: it waits until the form holds what it asks for."""

from collections.abc import Mapping

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.actions import button_class
from coursebook.ui.kit.types import Text

_FILE = browser_file(__name__, "typed_confirm.jsx")


class TypedConfirm(rx.Component):
    """A submit button. `needs` has the text that each named field must hold; "" stands for any."""

    library = _FILE
    tag = "TypedConfirm"

    needs: rx.Var[dict[str, str]]


def typed_confirm(text: Text, needs: Mapping[str, Text], **props: object) -> rx.Component:
    """Return a red submit button that is disabled until the fields of its form hold `needs`."""
    return TypedConfirm.create(
        text, needs=rx.Var.create({**needs}), class_name=button_class("danger"), **props
    )
