"""Plain JSON log lines for tests; the previous configuration is restored afterwards."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def plain_log(level: int = logging.NOTSET) -> Iterator[None]:
    """Write a line of JSON for each entry of at least `level` (structlog draws for seconds)."""
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=repr),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    yield
    structlog.configure(**before)
