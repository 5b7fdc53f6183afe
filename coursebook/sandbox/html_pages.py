"""Render the pages of the sandbox: no scripts, nothing from another host."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from coursebook.sandbox.stripe.currencies import written

# No `form-action`: browsers apply it to the redirect after paying, which leads to the shop.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["money"] = written


def page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page with all values escaped. The filter is `{{ amount|money(currency) }}`."""
    return HTMLResponse(_TEMPLATES.get_template(template).render(**values), status, HEADERS)
