"""Counters and histograms for Prometheus.

With several processes each writes its counts into files of one folder (PROMETHEUS_MULTIPROC_DIR,
which `coursebook run` sets). The process that answers `/metrics` adds them up.
"""

import os
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Counts:
    """The metrics of one application, with its own registry so that two can share a process."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    stripe: Counter

    @classmethod
    def fresh(cls) -> "Counts":
        """Return counts at zero."""
        registry = CollectorRegistry()
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
            buckets=BUCKETS,
            registry=registry,
        )
        stripe = Counter(
            "coursebook_stripe_answers",
            "Answers of Stripe's API by kind; none: no answer came.",
            ("answer",),
            registry=registry,
        )
        return cls(registry, requests, seconds, stripe)

    def stripe_answered(self, answer: str) -> None:
        """Count one answer of Stripe, such as `2xx`, `429` or `none`."""
        self.stripe.labels(answer).inc()

    def text(self) -> bytes:
        """Return the counts of all processes in Prometheus' text format."""
        if os.environ.get(FOLDER_VARIABLE):
            combined = CollectorRegistry()
            MultiProcessCollector(combined)  # type: ignore[no-untyped-call]
            return generate_latest(combined)
        own = CollectorRegistry()
        ProcessCollector(registry=own)
        PlatformCollector(registry=own)
        GCCollector(registry=own)
        return generate_latest(self.registry) + generate_latest(own)
