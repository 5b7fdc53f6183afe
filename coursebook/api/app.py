"""Build the API. Reflex mounts the pages behind it; tests also run it on its own.

It has no lifespan, since Reflex does not run the lifespan of a mounted program. The services are
opened by `coursebook.wiring`.
"""

from fastapi import FastAPI
from starlette.middleware import Middleware

from coursebook import school
from coursebook.api.middleware.body_limit import BodyLimit
from coursebook.api.middleware.error_responses import ErrorResponses
from coursebook.api.middleware.headers import DefaultHeaders
from coursebook.api.middleware.known_answers import KnownAnswers
from coursebook.api.middleware.metrics import METRICS_ROUTE, RequestMetrics, show_metrics
from coursebook.api.middleware.request_id import RequestIds
from coursebook.api.middleware.school_files import SchoolFiles
from coursebook.api.middleware.unexpected_errors import UnexpectedErrors
from coursebook.api.problems.documents import install_problems
from coursebook.api.reference.openapi import INFO, TAGS, install_openapi
from coursebook.api.reference.page import install_docs
from coursebook.api.routes import (
    bookings,
    checkout,
    courses,
    health,
    identity,
    language,
    media,
    money_inbox,
    robots_and_sitemap,
    stripe_webhook,
    waiting_list,
)
from coursebook.api.routes.exact_paths import ExactPaths
from coursebook.api.routes.fallback import fallback_routes
from coursebook.api.routes.manage import (
    booking_moves,
    booking_search,
    check_in,
    course_cancellation,
    course_changes,
    histories,
    manual_bookings,
    messages,
    money_lists,
    payments,
    people,
    pictures,
    readiness,
    repetitions,
    reports,
    school_settings,
    team,
)
from coursebook.api.routes.manage import bookings as managed_bookings
from coursebook.api.routes.manage import courses as managed_courses
from coursebook.api.routes.manage import waiting_list as managed_waiting_list
from coursebook.api.routes.robots_and_sitemap import NO_PAGES, IndexedPages
from coursebook.extensions.loader import course_fields

ROUTERS = tuple(
    module.router
    for module in (
        courses,
        bookings,
        checkout,
        waiting_list,
        managed_courses,
        repetitions,
        course_changes,
        course_cancellation,
        people,
        histories,
        managed_waiting_list,
        booking_search,
        managed_bookings,
        booking_moves,
        manual_bookings,
        payments,
        check_in,
        reports,
        messages,
        money_lists,
        pictures,
        team,
        school_settings,
        readiness,
        money_inbox,
        stripe_webhook,
        identity,
        health,
    )
)
"""The documented routes, except the list of courses, which depends on the school's fields."""


def build_api(indexed: IndexedPages = NO_PAGES) -> FastAPI:
    """Return the API as an ASGI application. `indexed` are the pages that the product has.

    Raises ExtensionError.
    """
    brand = school.current()
    app = FastAPI(
        **{**INFO, "title": brand.name},
        openapi_tags=TAGS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(SchoolFiles, school=brand),
            Middleware(RequestIds),
            Middleware(ErrorResponses),
            Middleware(DefaultHeaders),
            Middleware(RequestMetrics),
            Middleware(KnownAnswers),
            Middleware(UnexpectedErrors),
            Middleware(BodyLimit),
        ],
    )
    install_problems(app)
    routers = (courses.course_list_router(course_fields()), *ROUTERS)
    for router in routers:
        app.router.routes += router.routes
    app.add_api_route("/metrics", show_metrics, **METRICS_ROUTE)
    install_docs(app)
    for router in (robots_and_sitemap.router, language.router, media.router):
        app.router.routes += router.routes
    app.state.indexed = indexed
    routes = [route for router in routers for route in router.routes]
    app.router.routes += fallback_routes([*routes, *app.router.routes])
    app.router.routes.insert(0, ExactPaths(app.router.routes))
    install_openapi(app)
    return app
