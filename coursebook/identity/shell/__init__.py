"""Reflex components that carry the session token from the browser to the state.

They hold no rules: each passes a token to an event handler, and the handler verifies it.
A build has the sandbox's sign-in or Clerk's; both follow the contracts below. The page fetches the
address and Clerk's publishable key from `GET /api/identity` at run time, so a build works on any
port and with any key.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.identity.provider import is_clerk

CLERK_REACT = "@clerk/react@6.18.0"
"""The only npm package of Clerk. ClerkJS and its forms come from Clerk's own address."""
_COMMON = ("keeper.js", "common.jsx")
_SANDBOX = ("sandbox_session.js", "sandbox.jsx")
_CLERK = ("clerk_session.js", "clerk_room.jsx", "clerk.jsx")


def parts_of(*, has_clerk: bool) -> tuple[str, list[str]]:
    """Add the files of one sign-in provider to the build.

    Return the import path of its components, and the npm packages that they need.
    """
    names = (*_COMMON, *(_CLERK if has_clerk else _SANDBOX))
    paths = [browser_file(__name__, name) for name in names]
    return paths[-1], [CLERK_REACT] if has_clerk else []


_LIBRARY, _PACKAGES = parts_of(has_clerk=is_clerk())
_FORM = browser_file(__name__, "token_form.jsx")
_DOWNLOAD = browser_file(__name__, "token_download.jsx")

_one_string = rx.event.passthrough_event_spec(str)


class IdentityShell(rx.Component):
    """Keeps the session and sends its token to the state. Mount it once, around or beside the app.

    `on_token(token)` fires at sign-in, on a change of session, 8 s before a token ends and when
    a tab comes back to the front; once with "" when nobody is signed in. `is_known` is the state's
    own flag that a token or "" has arrived: while it is false (a first visit, or a restarted
    server) the shell sends the token again.
    """

    library = _LIBRARY
    lib_dependencies: list[str] = _PACKAGES
    tag = "IdentityShell"

    is_known: rx.Var[bool]
    on_token: rx.EventHandler[_one_string]


class SignInPanel(rx.Component):
    """The sandbox's sign-in (one "Continue as …" button for each sample person), or Clerk's form.

    `on_signed_in(token)` fires when a session exists; a handler without arguments works too.
    With Clerk it also fires at once for a person with a session.
    The class names style the parts: `class_name` the whole, `button_class` each button,
    `notice_class` the one-line message while loading, `error_class` the message with role
    `alert`. `words` are the texts: `loading`, `continueAs` (with `{name}`), `unreachable`, `again`.
    """

    library = _LIBRARY
    tag = "SignInPanel"

    button_class: rx.Var[str]
    words: rx.Var[dict[str, str]]
    notice_class: rx.Var[str]
    error_class: rx.Var[str]
    on_signed_in: rx.EventHandler[_one_string]


class TokenButton(rx.Component):
    """A real `<button>` whose click sends a fresh token: `on_press(token)`, "" if signed out.

    Use it for actions that move money or need an operator. It disables itself (and sets
    `aria-busy`) while it fetches the token and for half a second more, so a double click is one
    press. While `busy` it does nothing and keeps the focus. Without a connection the press waits
    for one, at most half a minute. `http` (`path`, `body`) is the equivalent call of the HTTP API,
    used when the socket is refused. `class_name`, `disabled`, `type`, `id`, `aria_*` and `data_*`
    reach the button.
    """

    library = _LIBRARY
    tag = "TokenButton"

    type: rx.Var[str] = rx.Var.create("button")
    disabled: rx.Var[bool]
    busy: rx.Var[bool]
    http: rx.Var[dict[str, Any]]
    on_press: rx.EventHandler[_one_string]


def _texts_of_fields(
    token: rx.Var[str], texts: rx.Var[dict[str, str]]
) -> tuple[rx.Var[str], rx.Var[dict[str, str]]]:
    return token, texts


class TokenForm(rx.Component):
    """A `<form>` whose submit sends a fresh token: `on_send(token, texts)`, "" if signed out.

    `texts` has the text of each field by its name, and the value of the button that was pressed.
    As with `TokenButton` a double click is one submit, a submit without a connection waits for one,
    and nothing is sent while `busy`. The fields keep what was typed, whatever the answer is. The
    browser's own validation is off: its messages disappear, ours stay beside the fields.

    Other texts that are submitted meanwhile are sent afterwards. A form that is gone by then, such
    as one in a dialog, has a `refusal`, a sentence that is shown instead with `refusal_class`.
    """

    library = _FORM
    tag = "TokenForm"

    busy: rx.Var[bool]
    refusal: rx.Var[str]
    refusal_class: rx.Var[str]
    on_send: rx.EventHandler[_texts_of_fields]


class TokenDownload(rx.Component):
    """A `<button>` that saves the file at a `path` of our API, asked for with a fresh token.

    The file keeps the name of the answer. `on_problem(status)` fires when there is none: with the
    status of the answer, 0 without one.
    """

    library = _DOWNLOAD
    tag = "TokenDownload"

    path: rx.Var[str]
    on_problem: rx.EventHandler[rx.event.passthrough_event_spec(int)]


class TokenOnce(rx.Component):
    """Fires `on_token(token)` once, as soon as a fresh token is available. Renders nothing."""

    library = _LIBRARY
    tag = "TokenOnce"

    on_token: rx.EventHandler[_one_string]


class SignOutButton(rx.Component):
    """A `<button>` that ends the session in every tab, then fires `on_signed_out()`.

    When the session cannot be ended it fires `on_problem()` instead, and the person stays signed
    in.
    """

    library = _LIBRARY
    tag = "SignOutButton"

    disabled: rx.Var[bool]
    on_signed_out: rx.EventHandler[rx.event.no_args_event_spec]
    on_problem: rx.EventHandler[rx.event.no_args_event_spec]


identity_shell = IdentityShell.create
sign_in_panel = SignInPanel.create
token_button = TokenButton.create
token_form = TokenForm.create
token_download = TokenDownload.create
token_once = TokenOnce.create
sign_out_button = SignOutButton.create
