"""A deterministic scheduler that interleaves actions on one event loop.

The test alone decides the order: an action runs until it ends or pauses at its stop point, and only
then does the next step begin.
"""

import asyncio
from collections.abc import Coroutine
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from coursebook.wiring import Services
from tests.fuzz.faults import STOP_POINT, StopPoint

NEVER = 10**9
STUCK_TIMEOUT = 30


@dataclass(frozen=True)
class Action:
    """A running action and its stop point."""

    name: str
    task: asyncio.Task[Any]
    stop_point: StopPoint


class Scheduler:
    """Starts, resumes and kills the actions on one product."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._changed = asyncio.Event()
        self.actions: list[Action] = []

    @property
    def paused(self) -> list[Action]:
        """The paused actions, oldest first."""
        return [a for a in self.actions if a.stop_point.is_waiting]

    async def begin(self, name: str, work: Coroutine[Any, Any, Any], stop: int | None) -> Action:
        """Start an action; return when it has ended or paused."""
        stop_point = StopPoint(NEVER if stop is None else stop, self._changed)
        context = copy_context()
        context.run(STOP_POINT.set, stop_point)
        action = Action(name, asyncio.create_task(work, context=context), stop_point)
        self.actions.append(action)
        await self.run_until_paused()
        return action

    async def resume(self, action: Action) -> None:
        """Resume a paused action; return when every action has ended or paused again."""
        action.stop_point.open()
        await self.run_until_paused()

    async def kill(self, action: Action) -> None:
        """Cancel an action at its stop point, as if its process had died."""
        assert action.stop_point.task is not None
        action.stop_point.task.cancel()
        action.stop_point.open()
        await self.run_until_paused()

    async def run_until_paused(self) -> None:
        """Return when every action has ended or paused. Raises the error of a failed action."""
        async with asyncio.timeout(STUCK_TIMEOUT):
            while busy := self._busy():
                self._changed.clear()
                changed = asyncio.create_task(self._changed.wait())
                await asyncio.wait({*busy, changed}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
        over = [a for a in self.actions if a.task.done()]
        self.actions = [a for a in self.actions if not a.task.done() or a.stop_point.is_waiting]
        for action in over:
            if not action.task.cancelled():
                action.task.result()

    def _busy(self) -> set[asyncio.Task[Any]]:
        waiting = [a for a in self.actions if a.stop_point.is_waiting]
        paused = {a.task for a in waiting} | {a.stop_point.task for a in waiting}
        started = {a.task for a in self.actions} | self._services.webhooks._running
        return {task for task in started if not task.done() and task not in paused}
