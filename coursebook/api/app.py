"""Builds the API. Reflex mounts the pages behind it; in tests it also runs alone.

It has no lifespan of its own, since that of a mounted program does not run under Reflex: the
services are opened by `coursebook.wiring`.
"""

from fastapi import FastAPI
from starlette.middleware import Middleware

from coursebook.api import bookings, checkout, courses, discovery, health, identity, inbox, webhook
from coursebook.api.body_limit import BodyLimit
from coursebook.api.docs import install_docs
from coursebook.api.fallback import fallback_routes
from coursebook.api.headers import PlainHeaders
from coursebook.api.metrics import METRICS_ROUTE, Metered, show_metrics
from coursebook.api.openapi import INFO, TAGS, finished
from coursebook.api.problems import install_problems
from coursebook.api.request_id import RequestIds
from coursebook.api.sound_answers import SoundAnswers
from coursebook.api.unexpected import Unexpected

ROUTERS = tuple(
    module.router for module in (courses, bookings, checkout, inbox, webhook, identity, health)
)


def build_api() -> FastAPI:
    """Return the whole API as one ASGI program."""
    app = FastAPI(
        **INFO,
        openapi_tags=TAGS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(RequestIds),
            Middleware(SoundAnswers),
            Middleware(PlainHeaders),
            Middleware(Metered),
            Middleware(Unexpected),
            Middleware(BodyLimit),
        ],
    )
    install_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_api_route("/metrics", show_metrics, **METRICS_ROUTE)
    install_docs(app)
    app.include_router(discovery.router)
    known = [route for router in ROUTERS for route in router.routes]
    app.router.routes += fallback_routes([*known, *app.router.routes])
    finished(app)
    return app
