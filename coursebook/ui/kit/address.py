"""A list with its filters in the address: the form that writes them there, and the list itself.

The browser writes the address when the visitor chooses; the server only answers addresses. So no
answer can navigate, and Back, reload and a new connection show the same list.
"""

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.types import Text

_FILE = browser_file(__name__, "address.jsx")
CHOICE = "data-choice"
"""The attribute of a button that chooses its `value` for the field of that name."""
REMOVES = "data-removes"
"""The attribute of a link that empties fields, with their names. Without JavaScript its `href`
leads to the address without them."""


class AddressForm(rx.Component):
    """A form whose fields go into the query of the page's own address, in the order of `names`.

    `answered_query` is the query that the server has answered, `applied` the filters that it
    read there. The fields show `applied` unless an answer is pending or the visitor is typing.
    """

    library = _FILE
    tag = "AddressForm"

    names: rx.Var[list[str]]
    applied: rx.Var[dict[str, str]]
    answered_query: rx.Var[str]
    action: rx.Var[str]


class Answer(rx.Component):
    """The answer to an address; it is dimmed while the answer to a newer one is pending."""

    library = _FILE
    tag = "Answer"

    names: rx.Var[list[str]]
    answered_query: rx.Var[str]


def address_form(
    *children: rx.Component,
    action: Text,
    names: tuple[str, ...],
    applied: rx.Var[dict[str, str]],
    answered_query: rx.Var[str],
    **props: object,
) -> rx.Component:
    """Return the form of search and filters. Without JavaScript it is submitted to `action`."""
    return AddressForm.create(
        *children,
        action=action,
        names=list(names),
        applied=applied,
        answered_query=answered_query,
        class_name="flex flex-col gap-4",
        **props,
    )


def answer_of(
    *children: rx.Component, answered_query: Text, names: tuple[str, ...], **props: object
) -> rx.Component:
    """Return the container of the results."""
    look = "transition-opacity duration-200 aria-busy:opacity-50"
    return Answer.create(
        *children, answered_query=answered_query, names=list(names), class_name=look, **props
    )
