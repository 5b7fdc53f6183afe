"""`/metrics`: what was counted and what stands in the books, for Prometheus."""

import time
from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.api.dependencies.services import TheServices
from coursebook.api.middleware.scope import is_ours
from coursebook.errors import CoursebookError
from coursebook.services.metrics import Gauge
from coursebook.wiring import services

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
METRICS_ROUTE: dict[str, Any] = {
    "operation_id": "metrics",
    "summary": "Counters, durations and backlogs, for Prometheus",
    "tags": ["Operations"],
    "response_class": PlainTextResponse,
}


async def show_metrics(ours: TheServices) -> Response:
    """Return every count and gauge in Prometheus' text format, also without a database."""
    try:
        gauges, is_up = await ours.watching.gauges(), 1.0
    except CoursebookError:
        gauges, is_up = [], 0.0
    gauges.append(Gauge("database_up", "1 if the database answers.", {"": is_up}))
    text = ours.counts.text() + _text(gauges)
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)


class Metered:
    """ASGI middleware: counts every call under its route's template, never under its address.

    Ours and not a library's: those match the route a second time, also for every page and asset
    behind the API, and fix the names of metrics or labels.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection; what is not the API's is not counted."""
        if not is_ours(scope):
            await self._app(scope, receive, send)
            return
        status, start = 500, time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            _count(scope, status, time.perf_counter() - start)


def _count(scope: Scope, status: int, seconds: float) -> None:
    try:
        counts = services().counts
    except RuntimeError:
        return  # before the start is over
    method = scope["method"] if scope["method"] in METHODS else "other"
    template = getattr(scope.get("route"), "path", "")
    route = "unmatched" if not template or "{rest" in template else template
    counts.requests.labels(method, route, str(status)).inc()
    counts.seconds.labels(method, route).observe(seconds)


class _Gauges(Collector):
    """Shows gauges that were asked for already."""

    def __init__(self, gauges: Iterable[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[GaugeMetricFamily]:
        for gauge in self._gauges:
            labels = [gauge.label] if gauge.label else []
            family = GaugeMetricFamily(f"coursebook_{gauge.name}", gauge.meaning, labels=labels)
            for value, number in gauge.values.items():
                family.add_metric([value] if labels else [], number)
            yield family


def _text(gauges: Iterable[Gauge]) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Gauges(gauges))
    return generate_latest(registry)
