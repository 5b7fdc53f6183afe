"""The loop of the worker: round after round, until the process ends."""

import asyncio

import structlog

from coursebook.wiring import services
from coursebook.worker.rounds import one_round

log = structlog.get_logger("coursebook.worker")


async def worker_task() -> None:
    """Run rounds for as long as the process lives; a round that breaks does not end the loop."""
    while True:
        try:
            await one_round(services())
        except Exception:
            log.exception("worker.round_broke")
        await asyncio.sleep(services().settings.worker_seconds)
