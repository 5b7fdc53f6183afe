"""The line to the server: what people are told of it, and what a press does while it is away.

`line.js` watches the socket of Reflex's own script (`build_plugin.py` hands it over): silence of
eight seconds is a lost connection. A button waits until the line is back, or says that it gave up.
Where only the socket is refused, links load whole pages, and «Book now», «Pay now» and «Try again»
ask the HTTP API.
"""

import reflex as rx

_FILE = rx.asset("line.jsx", shared=True)


class OnLine(rx.Component):
    """Shows its children in one state of the line: `down`, `waiting`, `plain`, `lost`, `gave_up`.

    `problem` is for what the API answered; its text comes in a child `LineProblem`.
    """

    library = _FILE.importable_path
    tag = "OnLine"

    state: rx.Var[str]


class LineProblem(rx.Component):
    """The sentence of the API about a press that it refused."""

    library = _FILE.importable_path
    tag = "LineProblem"


class DismissLine(rx.Component):
    """A button that puts away what was said about a press."""

    library = _FILE.importable_path
    tag = "DismissLine"


while_line = OnLine.create
problem_of_line = LineProblem.create
dismiss_line = DismissLine.create
