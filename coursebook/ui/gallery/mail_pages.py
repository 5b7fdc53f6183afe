"""`/kit/mails`: every mail by the real templates, for people who extend them.

Only `coursebook run --reload` has these pages. They are plain documents with policies of their own,
since mails need inline styles, which no page of the product may have.
"""

from urllib.parse import urlencode

from fastapi import FastAPI
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from coursebook.mail.i18n import LANGUAGES
from coursebook.ui.gallery import is_reloading
from coursebook.ui.gallery.mail_samples import samples

PATH = "/kit/mails"
INDEX_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
SCHEMES = {"auto": "(prefers-color-scheme: dark)", "light": "not all", "dark": "all"}
"""The media query that stands for dark mode in each scheme."""
OPTIONS: dict[str, tuple[str, ...]] = {
    "language": LANGUAGES,
    "scheme": tuple(SCHEMES),
    "width": ("600", "390"),
}
"""What may be chosen; the first of each is shown without a choice."""
_TEMPLATES = Environment(
    loader=PackageLoader("coursebook.ui.gallery"), autoescape=True, undefined=StrictUndefined
)


def add_to(api: FastAPI) -> None:
    """Register the pages when the product runs for development."""
    if is_reloading():
        api.add_route(PATH, _index, include_in_schema=False)
        api.add_route(f"{PATH}/{{name}}", _mail, include_in_schema=False)


async def _index(request: Request) -> Response:
    """Show all mails, with switches for language, colours and width."""
    chosen = _chosen(request)
    switches = [
        [(value, _link(chosen | {name: value}), chosen[name] == value) for value in values]
        for name, values in OPTIONS.items()
    ]
    mails = [
        (name, mail.subject, f"{PATH}/{name}{_link(chosen)}")
        for name, mail in samples(chosen["language"]).items()
    ]
    page = _TEMPLATES.get_template("mails.html").render(
        switches=switches, mails=mails, width=chosen["width"]
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": INDEX_POLICY})


async def _mail(request: Request) -> Response:
    """Show the HTML part of one mail, or its text part."""
    chosen, name = _chosen(request), request.path_params["name"]
    mail = samples(chosen["language"]).get(name)
    if mail is None:
        return PlainTextResponse(f"There is no sample called {name!r}.", status_code=404)
    headers = {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    if request.query_params.get("part") == "text":
        return PlainTextResponse(mail.text, headers=headers)
    return HTMLResponse(in_scheme(mail.html, chosen["scheme"]), headers=headers)


def in_scheme(html: str, scheme: str) -> str:
    """Return a mail as it looks in light or dark mode, whatever the browser prefers."""
    return html.replace(SCHEMES["auto"], SCHEMES[scheme])


def _chosen(request: Request) -> dict[str, str]:
    """Return language, scheme and width; unknown values count as the first of each."""
    wanted = {name: request.query_params.get(name, "") for name in OPTIONS}
    return {
        name: wanted[name] if wanted[name] in values else values[0]
        for name, values in OPTIONS.items()
    }


def _link(chosen: dict[str, str]) -> str:
    return f"?{urlencode(chosen)}"
