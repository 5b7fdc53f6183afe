"""One message for many tabs: written once, handed out in small portions.

Reflex sends to one tab at a time, and writes the same message anew for each. Between two portions
everything else that this process has to do goes on: whoever books comes before whoever watches.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from coursebook.ui.reflex_compat.transport import TabSockets

PORTION = 4
"""So many tabs at once; a portion takes less than a millisecond."""


class Sockets(TabSockets):
    """The sockets that tabs have at this process."""

    async def send_all(self, delta: dict[str, dict[str, Any]], tabs: Iterable[str]) -> None:
        """Send a change of states to these tabs; those that have left by then are left out."""
        message = self.message(delta)
        for number, tab in enumerate(tabs, 1):
            if self.has(tab):
                await self.send(tab, message)
            if number % PORTION == 0:
                await asyncio.sleep(0)
