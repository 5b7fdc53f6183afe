"""The link to sign in and return to the current page."""

import reflex as rx


def sign_in_from_here() -> rx.Var[str]:
    """Return the sign-in address that leads back here, with the query: it names the payment."""
    url = rx.State.router.url
    query = url.query.to(str)
    here = url.path.to(str) + rx.cond(query != "", rx.Var.create("?") + query, "").to(str)
    encode = rx.vars.FunctionStringVar.create("encodeURIComponent")
    return rx.Var.create("/sign-in?next=") + encode.call(here).to(str)
