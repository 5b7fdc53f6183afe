"""`/api/docs`: an HTML page rendered from the OpenAPI document by a template, without script.

Not a maintained viewer: Swagger UI and Scalar are more than a megabyte of script, and neither has
the anchors `#error-<code>` that the `type` of every problem leads to.
"""

import re
from functools import cache, lru_cache
from pathlib import Path

from fastapi import FastAPI, Request
from jinja2 import Environment, FileSystemLoader
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from coursebook import school
from coursebook.api.problems.http_errors import every_refusal
from coursebook.api.reference.describe import example_of
from coursebook.school.stylesheet import style_url

HERE = Path(__file__).parent
MAX_HOSTS = 4
"""Host names whose page is cached. Anyone may send any name."""
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


def install_docs(app: FastAPI) -> None:
    """Add the OpenAPI document, the page, and its style sheet."""
    environment = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
    codes = re.compile(f"`({'|'.join(refusal.code for refusal in every_refusal())})`")

    def words(text: str | None) -> Markup:
        """Return a Markdown description as HTML; error codes link to their row."""
        linked = codes.sub(r"[`\1`](#error-\1)", text or "")
        return Markup(_MARKDOWN.render(linked))  # noqa: S704 - HTML in it is escaped

    environment.filters["words"] = words

    @cache
    def document_bytes() -> bytes:
        return bytes(JSONResponse(app.openapi()).body)

    @lru_cache(maxsize=MAX_HOSTS)
    def page(base: str) -> str:
        errors = [example_of(refusal) for refusal in every_refusal()]
        style = style_url(school.current())
        template = environment.get_template("docs.html")  # here: compiling it delays a start
        return template.render(app.openapi(), base=base, errors=errors, style=style)

    async def document() -> Response:
        return Response(document_bytes(), media_type="application/json")

    async def show(request: Request) -> Response:
        return HTMLResponse(page(str(request.base_url).rstrip("/")))

    async def style() -> Response:
        return FileResponse(HERE / "static" / "docs.css", media_type="text/css")

    app.add_api_route("/api/openapi.json", document, include_in_schema=False)
    app.add_api_route("/api/docs", show, include_in_schema=False)
    app.add_api_route("/api/docs.css", style, include_in_schema=False)
