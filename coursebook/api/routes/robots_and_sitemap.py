"""For search engines: `/robots.txt` and `/sitemap.xml`, with every published course."""

from functools import lru_cache
from xml.sax.saxutils import escape

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from coursebook.api.dependencies.services import TheServices

router = APIRouter(include_in_schema=False)

MAX_ADDRESSES = 50_000
"""The maximum of URLs in one sitemap (sitemaps.org/protocol.html)."""
NOT_FOR_SEARCH = ("/api/", "/bookings", "/language/", "/payment/", "/sign-in")
XML_TYPE = "application/xml"
XML = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEADERS = {"Cache-Control": "public, max-age=300"}


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
async def robots(services: TheServices) -> PlainTextResponse:
    """Return the paths that crawlers must skip, and the address of the sitemap."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_SEARCH)]
    lines += ["", f"Sitemap: {services.settings.public_url}/sitemap.xml", ""]
    return PlainTextResponse("\n".join(lines), headers=HEADERS)


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"])
async def sitemap(services: TheServices) -> Response:
    """Return the URLs of all public pages."""
    public = services.settings.public_url
    paths = ["/", "/courses"]
    slugs = await services.catalog.slugs(MAX_ADDRESSES - len(paths))
    paths += [f"/courses/{slug}" for slug in slugs]
    return Response(_document(public, tuple(paths)), media_type=XML_TYPE, headers=HEADERS)


@lru_cache(maxsize=1)
def _document(public: str, paths: tuple[str, ...]) -> bytes:
    urls = "".join(f"<url><loc>{escape(public + path)}</loc></url>\n" for path in paths)
    return f'{XML}\n<urlset xmlns="{NAMESPACE}">\n{urls}</urlset>\n'.encode()
