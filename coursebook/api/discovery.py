"""What search engines ask for: `/robots.txt` and `/sitemap.xml`, with every published course."""

from collections.abc import AsyncIterator
from xml.sax.saxutils import escape

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from coursebook.api.services import TheServices
from coursebook.services.catalog import Catalog
from coursebook.services.course_query import CourseQuery

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 100
MOST_ADDRESSES = 50_000
"""The most that one sitemap may name (sitemaps.org/protocol.html)."""
NOT_FOR_SEARCH = ("/api/", "/bookings", "/payment/", "/sign-in")
XML = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEADERS = {"Cache-Control": "public, max-age=300"}


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
async def robots(services: TheServices) -> PlainTextResponse:
    """Say what is worth reading, and where the list of it is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_SEARCH)]
    lines += ["", f"Sitemap: {services.settings.public_url}/sitemap.xml", ""]
    return PlainTextResponse("\n".join(lines), headers=HEADERS)


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"])
async def sitemap(services: TheServices) -> Response:
    """Name every page that may be found."""
    public = services.settings.public_url
    paths = ["/", "/courses"]
    async for slug in _slugs(services.catalog):
        paths.append(f"/courses/{slug}")
        if len(paths) == MOST_ADDRESSES:
            break
    urls = "".join(f"<url><loc>{escape(public + path)}</loc></url>\n" for path in paths)
    text = f'{XML}\n<urlset xmlns="{NAMESPACE}">\n{urls}</urlset>\n'
    return Response(text, media_type="application/xml", headers=HEADERS)


async def _slugs(catalog: Catalog) -> AsyncIterator[str]:
    cursor: str | None = None
    while True:
        page = await catalog.list_courses(
            CourseQuery(limit=PAGE_SIZE, cursor=cursor, is_counted=False)
        )
        for course in page.items:
            yield course.slug
        cursor = page.next_cursor
        if cursor is None:
            return
