"""Sends one message to many tabs: serialised once, sent in small batches.

Reflex sends to one tab at a time and serialises the message for each. Yielding to the event loop
between two batches keeps bookings ahead of live updates.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from coursebook.ui.reflex_compat.transport import TabSockets

BATCH_SIZE = 4
"""Tabs in a batch; a batch takes less than a millisecond."""


class Sockets(TabSockets):
    """The sockets of the tabs at this process."""

    async def send_all(self, delta: dict[str, dict[str, Any]], tabs: Iterable[str]) -> None:
        """Send a delta to these tabs; skip those that have disconnected by then."""
        message = self.message(delta)
        for number, tab in enumerate(tabs, 1):
            if self.has(tab):
                await self.send(tab, message)
            if number % BATCH_SIZE == 0:
                await asyncio.sleep(0)
