"""Pictures of courses at `/media`. A picture's address is the hash of its content."""

from fastapi import APIRouter
from fastapi.responses import Response

from coursebook.api.dependencies.services import TheServices

router = APIRouter(include_in_schema=False)

HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}


@router.api_route("/media/{name}", methods=["GET", "HEAD"])
async def picture(name: str, services: TheServices) -> Response:
    """Return a WebP file."""
    data = await services.pictures.file(name)
    if data is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    return Response(data, media_type="image/webp", headers=HEADERS)
