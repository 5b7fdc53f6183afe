"""For search engines: `/robots.txt` and `/sitemap.xml`, with the addresses of all public pages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated
from xml.sax.saxutils import escape

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response

from coursebook.api.dependencies.services import TheServices

router = APIRouter(include_in_schema=False)

MAX_ADDRESSES = 50_000
"""The maximum of URLs in one sitemap (sitemaps.org/protocol.html)."""
NEVER_INDEXED = ("/api/", "/language/")
XML_TYPE = "application/xml"
XML = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEADERS = {"Cache-Control": "public, max-age=300"}


@dataclass(frozen=True)
class IndexedPages:
    """What search engines hear of the pages.

    `paths` are the paths of public pages. Each of `addresses` returns the paths of one kind of
    public page, at most as many as its argument. `private_paths` are to be skipped.
    """

    paths: tuple[str, ...] = ()
    addresses: tuple[Callable[[int], Awaitable[Sequence[str]]], ...] = ()
    private_paths: tuple[str, ...] = ()


NO_PAGES = IndexedPages()
"""For an API without pages."""


def _indexed(request: Request) -> IndexedPages:
    indexed: IndexedPages = request.app.state.indexed
    return indexed


TheIndexedPages = Annotated[IndexedPages, Depends(_indexed)]


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
async def robots(services: TheServices, indexed: TheIndexedPages) -> PlainTextResponse:
    """Return the paths that crawlers must skip, and the address of the sitemap."""
    skipped = (*NEVER_INDEXED, *indexed.private_paths)
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in skipped)]
    lines += ["", f"Sitemap: {services.settings.public_url}/sitemap.xml", ""]
    return PlainTextResponse("\n".join(lines), headers=HEADERS)


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"])
async def sitemap(services: TheServices, indexed: TheIndexedPages) -> Response:
    """Return the URLs of all public pages."""
    paths = list(indexed.paths)
    for addresses in indexed.addresses:
        paths += await addresses(MAX_ADDRESSES - len(paths))
    document = _document(services.settings.public_url, tuple(paths))
    return Response(document, media_type=XML_TYPE, headers=HEADERS)


@lru_cache(maxsize=1)
def _document(public: str, paths: tuple[str, ...]) -> bytes:
    urls = "".join(f"<url><loc>{escape(public + path)}</loc></url>\n" for path in paths)
    return f'{XML}\n<urlset xmlns="{NAMESPACE}">\n{urls}</urlset>\n'.encode()
