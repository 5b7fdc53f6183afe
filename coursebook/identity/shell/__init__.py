"""Reflex components that carry the session token from the browser to the state.

They hold no rules: each hands a token to an event handler, and the handler verifies it.
Which sign-in service is used, and where, is asked of `GET /api/identity` at run time, so a
build works on any port.
"""

from __future__ import annotations

import reflex as rx

_SESSION = rx.asset("session.js", shared=True)
_PARTS = rx.asset("parts.jsx", shared=True)
_LIBRARY = _PARTS.importable_path

_one_string = rx.event.passthrough_event_spec(str)


class IdentityShell(rx.Component):
    """Keeps the session and pushes its token; mounted once, around the app or beside it.

    `on_token(token)` fires at sign-in, on a change of session, 8 s before a token ends and when
    a tab comes back to the front; once with "" when nobody is signed in. `known` is the state's
    own flag «a token or "" has arrived»: while it is false (a first visit, or a server that
    restarted and forgot) the shell tells the state again.
    """

    library = _LIBRARY
    tag = "IdentityShell"

    known: rx.Var[bool]
    on_token: rx.EventHandler[_one_string]


class SignInPanel(rx.Component):
    """The sandbox's sign-in: one «Continue as …» button for each sample person.

    `on_signed_in(token)` fires when a session exists; a handler without arguments is fine too.
    The class names style the parts: `class_name` the whole, `button_class` each button,
    `notice_class` the one-line message while loading, `error_class` the message with role
    «alert». `words` are the texts: `loading`, `continueAs` (with `{name}`), `unreachable`, `again`.
    """

    library = _LIBRARY
    tag = "SignInPanel"

    button_class: rx.Var[str]
    words: rx.Var[dict[str, str]]
    notice_class: rx.Var[str]
    error_class: rx.Var[str]
    on_signed_in: rx.EventHandler[_one_string]


class TokenButton(rx.Component):
    """A real `<button>` whose click carries a fresh token: `on_press(token)`, "" if signed out.

    Use it for everything that costs money or is operator-only. It disables itself (and says so
    with `aria-busy`) while the token is fetched and for half a second more, so a double click
    is one press. `class_name`, `disabled`, `type`, `id`, `aria_*` and `data_*` reach the button.
    """

    library = _LIBRARY
    tag = "TokenButton"

    type: rx.Var[str] = rx.Var.create("button")
    disabled: rx.Var[bool]
    on_press: rx.EventHandler[_one_string]


class SignOutButton(rx.Component):
    """A `<button>` that ends the session in every tab, then fires `on_signed_out()`.

    When the session could not be ended it fires `on_problem()` instead, and the person is still
    signed in.
    """

    library = _LIBRARY
    tag = "SignOutButton"

    disabled: rx.Var[bool]
    on_signed_out: rx.EventHandler[rx.event.no_args_event_spec]
    on_problem: rx.EventHandler[rx.event.no_args_event_spec]


identity_shell = IdentityShell.create
sign_in_panel = SignInPanel.create
token_button = TokenButton.create
sign_out_button = SignOutButton.create
