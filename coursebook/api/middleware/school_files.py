"""The files of a school in front of ours: its assets, style sheet, share picture and icons."""

import asyncio
from collections.abc import Awaitable
from hashlib import sha256
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from coursebook.school import School
from coursebook.school.files import MadeFile, made_files, renamed_assets
from coursebook.school.stylesheet import style_url

FOREVER = "public, max-age=31536000, immutable"
"""For an address that changes with the content."""
OURS = ("/api/", "/assets/", "/_")
"""Addresses that no file of a school may take: the API, and what the build has made."""


class SchoolFiles:
    """ASGI middleware. A file that the school does not have is asked of the product behind.

    Files are found and answered by Starlette, which never leaves the folder of the assets and
    follows no link out of it.
    """

    def __init__(self, app: ASGIApp, school: School) -> None:
        self._app = app
        self._static = StaticFiles(directory=school.assets) if school.assets else None
        self._renamed, self._made = renamed_assets(school), made_files(school)
        self._style = style_url(school)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request.

        It awaits nothing itself, so it adds no coroutine to every step of the program behind.
        """
        answer = self._answer if _may_be_file(scope) else self._app
        return answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._response(scope)
        await (response or self._app)(scope, receive, send)

    async def _response(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        if self._static is not None:
            try:
                return await self._static.get_response(path.lstrip("/"), scope)
            except HTTPException:  # not there, or not to be shown
                pass
            if path in self._renamed:
                return await self._renamed_file(self._renamed[path], scope)
        if path in self._made:
            return await self._made_file(self._made[path], scope)
        return None

    async def _renamed_file(self, path: Path, scope: Scope) -> Response:
        assert self._static is not None
        stat = await asyncio.to_thread(path.stat)
        return self._static.file_response(path, stat, scope)

    async def _made_file(self, file: MadeFile, scope: Scope) -> Response:
        content = await asyncio.to_thread(file.content)
        tag = f'"{sha256(content).hexdigest()[:20]}"'
        headers = {"ETag": tag}
        if f"{scope['path']}?{scope['query_string'].decode('latin-1')}" == self._style:
            headers["Cache-Control"] = FOREVER
        if Headers(scope=scope).get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        response = Response(content, media_type=file.media_type, headers=headers)
        if scope["method"] == "HEAD":
            response.body = b""  # the length stays that of the file (RFC 9110 §9.3.2)
        return response


def _may_be_file(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return False
    path: str = scope["path"]
    return "." in path.rpartition("/")[2] and not path.startswith(OURS)
