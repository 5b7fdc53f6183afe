"""The browsable API: a page of our own made from the OpenAPI document; no script, no CDN."""

from functools import cache, lru_cache
from pathlib import Path

from fastapi import FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from coursebook.api.reference.reader import DocsReader
from coursebook.api.reference.text import words

HERE = Path(__file__).parent
MOST_HOSTS = 4
"""Host names whose page is kept. Anybody may ask, under any name."""


def install_docs(app: FastAPI) -> None:
    """Add the OpenAPI document, the page, and its style sheet."""
    template = _environment().get_template("docs.html")

    @cache
    def described() -> bytes:
        return bytes(JSONResponse(app.openapi()).body)

    @lru_cache(maxsize=MOST_HOSTS)
    def page(address: str) -> str:
        return template.render(DocsReader(app.openapi(), address).page())

    async def document() -> Response:
        return Response(described(), media_type="application/json")

    async def show(request: Request) -> Response:
        return HTMLResponse(page(str(request.base_url).rstrip("/")))

    async def style() -> Response:
        return FileResponse(HERE / "static" / "docs.css", media_type="text/css")

    app.add_api_route("/api/openapi.json", document, include_in_schema=False)
    app.add_api_route("/api/docs", show, include_in_schema=False)
    app.add_api_route("/api/docs.css", style, include_in_schema=False)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["words"] = words
    return environment
