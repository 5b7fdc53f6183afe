"""Counts and times of the API's calls, for Prometheus."""

import time
from dataclasses import dataclass
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.api.scope import is_ours

METRICS_ROUTE: dict[str, Any] = {
    "operation_id": "metrics",
    "summary": "Counts and times for Prometheus",
    "tags": ["Operations"],
    "response_class": PlainTextResponse,
}
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Meters:
    """What is counted. One of them for each program, so that two in one process do not clash."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram

    @classmethod
    def fresh(cls) -> "Meters":
        """Return meters at zero, with those of the Python process beside them."""
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        requests = Counter(
            "coursebook_http_requests",
            "Answered calls of the API.",
            ("method", "route", "status"),
            registry=registry,
        )
        seconds = Histogram(
            "coursebook_http_request_seconds",
            "Time from the call to the end of its answer.",
            ("method", "route"),
            buckets=SECONDS,
            registry=registry,
        )
        return cls(registry, requests, seconds)

    async def show(self) -> Response:
        """Return every count and time in Prometheus' text format."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class Metered:
    """ASGI middleware: counts every call under its route's template, never under its address."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection; what is not the API's is not counted."""
        if not is_ours(scope):
            await self._app(scope, receive, send)
            return
        status = 500
        start = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            method, route = _method(scope), _route(scope)
            self._meters.requests.labels(method, route, str(status)).inc()
            self._meters.seconds.labels(method, route).observe(time.perf_counter() - start)


def _method(scope: Scope) -> str:
    known = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return scope["method"] if scope["method"] in known else "other"


def _route(scope: Scope) -> str:
    template = getattr(scope.get("route"), "path", "")
    return template if template and "{rest" not in template else "unmatched"
