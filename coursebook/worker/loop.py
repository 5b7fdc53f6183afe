"""The worker loop, and the lifespan of the application that it runs in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from coursebook.live.batcher import cancel_and_wait
from coursebook.log import set_up_logging
from coursebook.settings import load_settings
from coursebook.wiring import Services, opened
from coursebook.worker.tasks import one_round

log = structlog.get_logger("coursebook.worker")


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """Open the services and run the worker while the application runs.

    Both share one context: Reflex ends its contexts before its tasks, and the worker must not
    outlive its database.
    """
    settings = load_settings()
    set_up_logging(as_json=settings.log_json, level=settings.log_level)
    async with opened(settings) as services:
        worker = asyncio.create_task(_rounds(services), name="worker")
        try:
            yield
        finally:
            await cancel_and_wait(worker)


async def _rounds(services: Services) -> None:
    """Run rounds forever, without a pause while work is left. An exception does not end it."""
    while True:
        has_work = False
        try:
            has_work = await one_round(services)
        except Exception:
            log.exception("worker_round.crashed")
        await asyncio.sleep(0 if has_work else services.settings.worker_seconds)
