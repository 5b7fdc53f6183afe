"""Sockets without a network: a stand-in for Reflex's app that records what is sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from reflex.utils.format import json_dumps
from socketio.packet import Packet

from coursebook.ui.reflex_compat.state_tree import VAR_MARKER
from coursebook.ui.reflex_compat.transport import EVENT, SOCKET_PATH
from coursebook.ui.states.live import LiveState
from tests.ui.tabs import Tab

SPACE = SOCKET_PATH


class OurPacket(Packet):
    """A Socket.IO packet with Reflex's own JSON encoder."""

    json = SimpleNamespace(dumps=json_dumps, loads=json.loads)


class Sockets:
    """A stand-in for Reflex's app: has sockets and records messages and queries."""

    packet_class = OurPacket
    namespace = SPACE

    def __init__(self) -> None:
        self.instance_id = "this process"
        self.token_to_socket: dict[str, Any] = {}
        self._token_manager = self
        self.event_namespace = self.event_processor = self
        self.server = self.manager = self.eio = self
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.written: list[object] = []
        self.asked: list[tuple[str, str]] = []

    def open(self, tab: str, instance: str = "this process") -> None:
        self.token_to_socket[tab] = SimpleNamespace(instance_id=instance, sid=f"socket of {tab}")

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str:
        assert namespace == SPACE
        return sid.removeprefix("socket of ")

    async def send_packet(self, tab: str, piece: Any) -> None:
        kind, body = json.loads(piece.encode().removeprefix(f"42{SPACE},"))
        assert kind == EVENT
        self.sent.append((tab, body["delta"]))
        if piece not in self.written:
            self.written.append(piece)

    async def enqueue(self, tab: str, event: Any) -> Any:
        self.asked.append((tab, event.name))

        async def done() -> None:
            return None

        return done()

    @contextmanager
    def set_contexts(self) -> Iterator[None]:
        yield


def a_tab(sockets: Sockets, address: str, name: str = "tab-1", accept_language: str = "") -> Tab:
    """Return a tab whose socket is in this process."""
    tab = Tab(address, accept_language, name=name)
    sockets.open(name)
    return tab


def pushed(delta: dict[str, Any], kind: type = LiveState, name: str = "places") -> Any:
    """Return a var that was sent to a browser."""
    return delta.get(kind.get_full_name(), {}).get(f"{name}{VAR_MARKER}")
