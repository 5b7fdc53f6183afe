"""One message for many tabs: written once, handed out in small portions.

Reflex sends to one tab at a time, and writes the same message anew for each. Between two portions
everything else that this process has to do goes on: whoever books comes before whoever watches.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import reflex as rx
from engineio.packet import MESSAGE
from engineio.packet import Packet as Piece
from reflex.state import StateUpdate
from reflex_base.constants import SocketEvent
from socketio.packet import EVENT

PORTION = 4
"""So many tabs at once; a portion takes less than a millisecond."""


class Sockets:
    """The sockets that tabs have at this process."""

    def __init__(self, app: rx.App) -> None:
        self._namespace = app.event_namespace
        self._known = self._namespace._token_manager  # noqa: SLF001 - Reflex offers no other way

    def has(self, tab: str) -> bool:
        """Tell whether a tab has its socket here."""
        socket = self._known.token_to_socket.get(tab)
        return socket is not None and socket.instance_id == self._known.instance_id

    async def send(self, delta: dict[str, dict[str, Any]], tabs: Iterable[str]) -> None:
        """Send a change of states to these tabs; those that have left meanwhile are left out."""
        server, space = self._namespace.server, self._namespace.namespace
        update = [str(SocketEvent.EVENT), StateUpdate(delta=delta)]
        message = server.packet_class(EVENT, namespace=space, data=update).encode()
        piece = Piece(MESSAGE, message)
        for number, tab in enumerate(tabs, 1):
            if self.has(tab):
                sid = self._known.token_to_socket[tab].sid
                await server.eio.send_packet(server.manager.eio_sid_from_sid(sid, space), piece)
            if number % PORTION == 0:
                await asyncio.sleep(0)
