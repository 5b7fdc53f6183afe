"""A list whose filters stand in the address: the form that writes them there, and the list itself.

The browser writes the address when somebody chooses; the server answers addresses, and nothing
else. So no answer can move anybody, and Back, reload and a new connection show the same list.
"""

import reflex as rx

from coursebook.ui.kit.types import Text

_FILE = rx.asset("address.jsx", shared=True)
CHOICE = "data-choice"
"""The attribute of a button that chooses its `value` for the field of that name."""


class AddressForm(rx.Component):
    """A form whose fields go into the query of the page's own address, in the order of `names`.

    `answered` is the query that the server has answered, `applied` what it made of it: with
    nothing on its way and nothing half typed, that is what the fields show.
    """

    library = _FILE.importable_path
    tag = "AddressForm"

    names: rx.Var[list[str]]
    applied: rx.Var[dict[str, str]]
    answered: rx.Var[str]
    action: rx.Var[str]


class Answer(rx.Component):
    """What answers an address; it steps back while the answer to a newer one is on its way."""

    library = _FILE.importable_path
    tag = "Answer"

    names: rx.Var[list[str]]
    answered: rx.Var[str]


def address_form(
    *children: rx.Component,
    action: str,
    names: tuple[str, ...],
    applied: rx.Var[dict[str, str]],
    answered: rx.Var[str],
    **props: object,
) -> rx.Component:
    """Return the form of search and filters. Without JavaScript it asks for `action`."""
    return AddressForm.create(
        *children,
        action=action,
        names=list(names),
        applied=applied,
        answered=answered,
        class_name="flex flex-col gap-4",
        **props,
    )


def answer_of(
    *children: rx.Component, answered: Text, names: tuple[str, ...], **props: object
) -> rx.Component:
    """Return what was found."""
    look = "transition-opacity duration-200 aria-busy:opacity-50"
    return Answer.create(*children, answered=answered, names=list(names), class_name=look, **props)
