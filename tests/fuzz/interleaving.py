"""Runs actions side by side on one loop, each stopped at a gate if asked, always to a standstill.

What happens in which order is decided by the test alone: an action runs until it is over or stands
at its gate, and only then does the next step begin.
"""

import asyncio
from collections.abc import Coroutine
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from coursebook.wiring import Services
from tests.fuzz.faults import GATE, Gate

NEVER = 10**9
STUCK_SECONDS = 30


@dataclass(frozen=True)
class Action:
    """Something that was begun."""

    name: str
    task: asyncio.Task[Any]
    gate: Gate


class Traffic:
    """Everything that is under way in one product."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._bell = asyncio.Event()
        self.actions: list[Action] = []

    @property
    def standing(self) -> list[Action]:
        """What stands at a gate now, oldest first."""
        return [a for a in self.actions if a.gate.is_shut]

    async def begin(self, name: str, work: Coroutine[Any, Any, Any], stop: int | None) -> Action:
        """Begin something; return when it is over or stands at its gate."""
        gate = Gate(NEVER if stop is None else stop, self._bell)
        context = copy_context()
        context.run(GATE.set, gate)
        action = Action(name, asyncio.create_task(work, context=context), gate)
        self.actions.append(action)
        await self.still()
        return action

    async def go_on(self, action: Action) -> None:
        """Open the gate of an action and let it run on."""
        action.gate.open()
        await self.still()

    async def kill(self, action: Action) -> None:
        """End an action where it stands, as the death of its process does."""
        assert action.gate.task is not None
        action.gate.task.cancel()
        action.gate.open()
        await self.still()

    async def still(self) -> None:
        """Return when everything is over or stands at a gate. Raises what broke."""
        async with asyncio.timeout(STUCK_SECONDS):
            while busy := self._busy():
                self._bell.clear()
                rung = asyncio.create_task(self._bell.wait())
                await asyncio.wait({*busy, rung}, return_when=asyncio.FIRST_COMPLETED)
                rung.cancel()
        over = [a for a in self.actions if a.task.done()]
        self.actions = [a for a in self.actions if not a.task.done() or a.gate.is_shut]
        for action in over:
            if not action.task.cancelled():
                action.task.result()

    def _busy(self) -> set[asyncio.Task[Any]]:
        shut = [a for a in self.actions if a.gate.is_shut]
        still = {a.task for a in shut} | {a.gate.task for a in shut}
        begun = {a.task for a in self.actions} | self._services.webhooks._running
        return {task for task in begun if not task.done() and task not in still}
