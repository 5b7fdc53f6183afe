"""Reflex components that carry the session token from the browser to the state.

They hold no rules: each hands a token to an event handler, and the handler verifies it.
A build knows the sandbox's sign-in or Clerk's, both under the promises below. Where it is, and
Clerk's publishable key, is asked of `GET /api/identity` at run time, so a build works on any
port and with any key.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from coursebook.identity.provider import is_clerk

CLERK_REACT = "@clerk/react@6.18.0"
"""The only npm package of Clerk. ClerkJS and its forms come from Clerk's own address."""
_COMMON = ("keeper.js", "common.jsx")
_SANDBOX = ("sandbox_session.js", "sandbox.jsx")
_CLERK = ("clerk_session.js", "clerk_room.jsx", "clerk.jsx")


def parts_of(*, has_clerk: bool) -> tuple[str, list[str]]:
    """Bring the files of one sign-in into the build.

    Returns how its parts are imported, and the npm packages that they need.
    """
    names = (*_COMMON, *(_CLERK if has_clerk else _SANDBOX))
    paths = [rx.asset(name, shared=True).importable_path for name in names]
    return paths[-1], [CLERK_REACT] if has_clerk else []


_LIBRARY, _PACKAGES = parts_of(has_clerk=is_clerk())

_one_string = rx.event.passthrough_event_spec(str)


class IdentityShell(rx.Component):
    """Keeps the session and pushes its token; mounted once, around the app or beside it.

    `on_token(token)` fires at sign-in, on a change of session, 8 s before a token ends and when
    a tab comes back to the front; once with "" when nobody is signed in. `known` is the state's
    own flag «a token or "" has arrived»: while it is false (a first visit, or a server that
    restarted and forgot) the shell tells the state again.
    """

    library = _LIBRARY
    lib_dependencies: list[str] = _PACKAGES
    tag = "IdentityShell"

    known: rx.Var[bool]
    on_token: rx.EventHandler[_one_string]


class SignInPanel(rx.Component):
    """The sandbox's sign-in (one «Continue as …» button for each sample person), or Clerk's form.

    `on_signed_in(token)` fires when a session exists; a handler without arguments is fine too.
    With Clerk it also fires at once for somebody who is signed in already.
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
    is one press. While `busy` it does nothing and keeps the focus. Without a connection the press
    waits for it, half a minute at most. `http` (`path`, `body`) is the call of the HTTP API that
    does the same, for a socket that is refused. `class_name`, `disabled`, `type`, `id`, `aria_*`
    and `data_*` reach the button.
    """

    library = _LIBRARY
    tag = "TokenButton"

    type: rx.Var[str] = rx.Var.create("button")
    disabled: rx.Var[bool]
    busy: rx.Var[bool]
    http: rx.Var[dict[str, Any]]
    on_press: rx.EventHandler[_one_string]


class TokenOnce(rx.Component):
    """Fires `on_token(token)` once with a fresh token as soon as it is there; nothing to see."""

    library = _LIBRARY
    tag = "TokenOnce"

    on_token: rx.EventHandler[_one_string]


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
token_once = TokenOnce.create
sign_out_button = SignOutButton.create
