"""The connection to the server: its messages to the visitor, and clicks while it is lost.

`line.js` watches the socket of Reflex's own script (`build/same_origin.py` patches it in): eight
seconds without a message are a lost connection. A button waits for the connection, or says that it
gave up. Where only the socket is blocked, links load whole pages, and "Book now", "Pay now" and
"Try again" call the HTTP API.
"""

import reflex as rx

_FILE = rx.asset("line.jsx", shared=True)


class OnLine(rx.Component):
    """Shows its children in one state: `down`, `waiting`, `plain`, `lost`, `gave_up`, `problem`.

    `problem` is an error of the HTTP API; its text is in a child `LineProblem`.
    """

    library = _FILE.importable_path
    tag = "OnLine"

    state: rx.Var[str]


class LineProblem(rx.Component):
    """The error message of the HTTP API about a refused click."""

    library = _FILE.importable_path
    tag = "LineProblem"


class DismissLine(rx.Component):
    """A button that closes the message about a click."""

    library = _FILE.importable_path
    tag = "DismissLine"


while_line = OnLine.create
problem_of_line = LineProblem.create
dismiss_line = DismissLine.create
