"""`/metrics`: request counters of the process and gauges from the database, for Prometheus."""

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
from coursebook.api.middleware.scope import is_api_request
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


async def show_metrics(container: TheServices) -> Response:
    """Return all counters and gauges in Prometheus' text format; works without a database."""
    try:
        gauges, is_up = await container.metrics.gauges(), 1.0
    except CoursebookError:
        gauges, is_up = [], 0.0
    gauges.append(Gauge("database_up", "1 if the database answers.", {"": is_up}))
    text = container.counts.text() + _text(gauges)
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)


class RequestMetrics:
    """ASGI middleware: count every request by its route's template, never by its path.

    Not a library's: those match the route a second time, for every page and asset behind the API
    too, and prescribe the names of metrics or labels.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; only the API's requests are counted."""
        if not is_api_request(scope):
            await self._app(scope, receive, send)
            return
        status, start = 500, time.perf_counter()

        async def send_and_note_status(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, send_and_note_status)
        finally:
            _count(scope, status, time.perf_counter() - start)


def _count(scope: Scope, status: int, seconds: float) -> None:
    try:
        counts = services().counts
    except RuntimeError:
        return  # before startup has finished
    method = scope["method"] if scope["method"] in METHODS else "other"
    template = getattr(scope.get("route"), "path", "")
    route = "unmatched" if not template or "{rest" in template else template
    counts.requests.labels(method, route, str(status)).inc()
    counts.seconds.labels(method, route).observe(seconds)


class _Gauges(Collector):
    """A collector of gauges that were already read."""

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
