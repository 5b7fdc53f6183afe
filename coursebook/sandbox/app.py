"""Builds the one Starlette program out of its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.store import Store

HERE = Path(__file__).parent
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]  # no other name may lead a browser here


def build_app(options: SandboxOptions) -> Starlette:
    """Return the sandbox as an ASGI program; it opens `sandbox.db` in the data folder."""
    store = Store(options.data_dir / "sandbox.db")
    clock = Clock(store)  # noqa: F841  the parts that are mounted next need it

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        store.close()

    return Starlette(
        routes=[
            Route("/healthz", _healthy),
            Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=ALLOWED_HOSTS)],
        lifespan=lifespan,
    )


async def _healthy(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})
