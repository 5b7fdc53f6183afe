"""The browsable API: a page of our own made from the OpenAPI document; no script, no CDN."""

from pathlib import Path

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from coursebook.api.docs_reading import DocsReader
from coursebook.api.docs_words import words

HERE = Path(__file__).parent


def docs_routes(app: FastAPI) -> list[Route]:
    """Return the routes of the page and of its style sheet."""
    page = _environment().get_template("docs.html")

    async def show(request: Request) -> Response:
        reader = DocsReader(app.openapi(), str(request.base_url).rstrip("/"))
        return HTMLResponse(page.render(reader.page()))

    async def style(_request: Request) -> Response:
        return FileResponse(HERE / "static" / "docs.css", media_type="text/css")

    return [
        Route("/api/docs", show, include_in_schema=False),
        Route("/api/docs.css", style, include_in_schema=False),
    ]


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
