"""The connection to the server: its messages to the visitor, and clicks while it is lost.

`connection.js` watches the socket of Reflex's own script (`build/same_origin.py` patches it in):
eight seconds without a message are a lost connection. A button waits for the connection, or says
that it gave up. Where only the socket is blocked, links load whole pages, and "Book now",
"Pay now" and "Try again" call the HTTP API.
"""

import reflex as rx

from coursebook.browser_files import browser_file

_FILE = browser_file(__name__, "messages.jsx")


class ConnectionStatus(rx.Component):
    """Shows its children in one state of the connection.

    The states are `down`, `waiting`, `plain` (HTTP only), `lost`, `gave_up` and `problem`:
    `problem` is an error of the HTTP API; its text is in a child `ClickError`.
    """

    library = _FILE
    tag = "ConnectionStatus"

    state: rx.Var[str]


class ClickError(rx.Component):
    """The error message of the HTTP API about a refused click."""

    library = _FILE
    tag = "ClickError"


class DismissMessage(rx.Component):
    """A button that closes the message about a click."""

    library = _FILE
    tag = "DismissMessage"


shown_while = ConnectionStatus.create
click_error = ClickError.create
dismiss_message = DismissMessage.create
