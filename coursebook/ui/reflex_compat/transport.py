"""The socket of the pages: Socket.IO over Engine.IO, as Reflex uses both.

Another transport changes this file, `transport.js`, and the two modules that inspect the messages
before Reflex does (`coursebook/http_security`).
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from engineio import AsyncServer as EngineServer
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from reflex.app import App, EventNamespace
from reflex.state import StateUpdate
from reflex.utils.token_manager import LocalTokenManager, SocketRecord
from reflex_base.constants import Endpoint, SocketEvent
from socketio import AsyncServer
from socketio.packet import EVENT as EVENT_PACKET
from socketio.packet import Packet

from coursebook.http_security.socket_handshake import PROTOCOL, TAB_PARAMETER
from coursebook.http_security.socket_protocol import SOCKET
from coursebook.ui.reflex_compat.seams import Seam, has_all, require
from coursebook.ui.reflex_compat.text_patches import LAST_IMPORT, STATE_JS, TextPatch, template

SOCKET_PATH = SOCKET
"""The address of the socket, and the name of the Socket.IO namespace in it."""
CONNECT, DISCONNECT = "connect", "disconnect"
"""The events of Socket.IO itself; a client can send messages with the same names."""
EVENT, BROWSER_ERROR, PING = "event", "client_error", "ping"
"""The messages that Reflex's script sends."""
BROWSER_ERROR_FIELDS = ("error_type", "substate", "message")
"""The fields that Reflex reads in such a report."""
QUERY_STRING, ORIGIN = "QUERY_STRING", "HTTP_ORIGIN"
"""WSGI keys of the environment of a socket."""

SCRIPT = "utils/transport.js"
SCRIPT_SOURCE = Path(__file__).parent / "transport.js"
"""The counterpart of this file in the browser."""

Trigger = Callable[..., Awaitable[Any]]
Environment = Mapping[str, Any]

PATCHES = (
    TextPatch(
        STATE_JS,
        "our script watches the socket",
        LAST_IMPORT,
        LAST_IMPORT
        + 'import { eventsToRepeat, recordSent, watchSocket } from "$/utils/connection.js";\n',
    ),
    TextPatch(
        STATE_JS,
        "our script watches the socket",
        "  socket.current.wait_connect = !socket.current.connected;\n",
        "  watchSocket(socket.current);\n"
        "  socket.current.wait_connect = !socket.current.connected;\n",
    ),
    TextPatch(
        STATE_JS,
        "our script records the events that are sent over the socket",
        '    socket.emit("event", encodeFormDataArgs(routed_event));\n',
        '    recordSent(event);\n    socket.emit("event", encodeFormDataArgs(routed_event));\n',
    ),
    TextPatch(
        STATE_JS,
        "events that were lost with a dead connection are sent again",
        "    // Drain any initial events from the queue.\n",
        "    event_queue.push(...eventsToRepeat());\n"
        "    // Drain any initial events from the queue.\n",
    ),
)


class SocketServer:
    """The server's side of all sockets, for a guard in front of Reflex."""

    def __init__(self, app: App) -> None:
        self._app = app
        namespace: Any = app.event_namespace
        self._namespace = namespace
        self._handle: Trigger = namespace.trigger_event

    async def handle(self, kind: str, socket: str, *arguments: Any) -> Any:
        """Pass a message on to Reflex."""
        return await self._handle(kind, socket, *arguments)

    def environment_of(self, socket: str) -> Environment:
        """Return the environment that the server made for a socket."""
        server: Any = self._app.sio
        environment: Environment = server.get_environ(socket, self._namespace.namespace)
        return environment

    def is_connected(self, socket: str) -> bool:
        """Return whether a socket is open; a client can send the message `disconnect` itself."""
        server: Any = self._app.sio
        return bool(server.manager.is_connected(socket, self._namespace.namespace))

    async def end(self, socket: str) -> None:
        """Close a socket."""
        server: Any = self._app.sio
        await server.disconnect(socket, namespace=self._namespace.namespace)

    def tab_of(self, socket: str) -> str:
        """Return the tab of a socket, "" for none.

        A second socket with the id of an open tab gets another id.
        """
        return str(self._namespace.sid_to_token.get(socket, ""))

    def guard_with(self, trigger: Trigger) -> None:
        """Route every message through this function instead of Reflex."""
        self._namespace.trigger_event = trigger


class TabSockets:
    """The sockets that tabs have at this process, by the ids of the tabs."""

    def __init__(self, app: App) -> None:
        namespace: Any = app.event_namespace
        self._namespace = namespace
        self._tabs = namespace._token_manager  # noqa: SLF001 - Reflex offers no other way

    def has(self, tab: str) -> bool:
        """Return whether a tab has its socket at this process."""
        socket = self._tabs.token_to_socket.get(tab)
        return socket is not None and socket.instance_id == self._tabs.instance_id

    def message(self, delta: dict[str, dict[str, Any]]) -> EnginePacket:
        """Return an encoded change of states, for any number of tabs."""
        data = [str(SocketEvent.EVENT), StateUpdate(delta=delta)]
        packet_class = self._namespace.server.packet_class
        packet = packet_class(EVENT_PACKET, namespace=self._namespace.namespace, data=data)
        return EnginePacket(MESSAGE, packet.encode())

    async def send(self, tab: str, message: EnginePacket) -> None:
        """Send a message to a tab that has its socket here."""
        server = self._namespace.server
        sid = self._tabs.token_to_socket[tab].sid
        engine_sid = server.manager.eio_sid_from_sid(sid, self._namespace.namespace)
        await server.eio.send_packet(engine_sid, message)


async def is_open_anywhere(app: App, tab: str) -> bool:
    """Return whether a tab has a socket, here or at another process. Raises RedisError."""
    namespace: Any = app.event_namespace
    return bool(await namespace._token_manager.is_token_connected(tab))  # noqa: SLF001


def handlers_of_namespace(kinds: Iterable[str]) -> bool:
    """Return whether Reflex's namespace handles these kinds of messages."""
    return all(hasattr(EventNamespace, f"on_{kind}") for kind in kinds)


def _encoded(namespace: str) -> str:
    packet = Packet(EVENT_PACKET, namespace=namespace, data=[EVENT])
    return str(EnginePacket(MESSAGE, packet.encode()).encode())


SEAMS = (
    Seam(
        f"the address {SOCKET_PATH}",
        "the first middleware blocks it for plain HTTP, and inspects its messages",
        lambda: f"/{Endpoint.EVENT.value}" == SOCKET_PATH,
    ),
    Seam(
        "the namespace of the socket",
        "the socket guard wraps it",
        lambda: (
            has_all(App, "event_namespace", "sio")
            and has_all(EventNamespace, "trigger_event", "sid_to_token")
            and handlers_of_namespace((CONNECT, DISCONNECT, EVENT, BROWSER_ERROR, PING))
        ),
    ),
    Seam(
        "the connect packet",
        "the socket guard passes on the environment and the content of the packet",
        lambda: (
            list(inspect.signature(EventNamespace.on_connect).parameters)
            == ["self", "sid", "environ", "auth"]
        ),
    ),
    Seam(
        "reports of errors in a browser",
        "the socket guard passes on only the fields that Reflex reads",
        lambda: all(
            f'"{name}"' in inspect.getsource(EventNamespace.on_client_error)
            for name in BROWSER_ERROR_FIELDS
        ),
    ),
    Seam(
        "the token manager",
        "live updates go to the sockets of this process; disconnected tabs are deleted",
        lambda: (
            has_all(
                LocalTokenManager(),
                *("token_to_socket", "sid_to_token", "instance_id", "is_token_connected"),
            )
            and {"sid", "instance_id"} <= set(SocketRecord.__dataclass_fields__)
        ),
    ),
    Seam(
        "the server of Socket.IO",
        "the socket guard uses it, and one encoded message is sent to many tabs",
        lambda: (
            has_all(AsyncServer(), "get_environ", "disconnect", "packet_class")
            and has_all(AsyncServer().manager, "is_connected", "eio_sid_from_sid")
            and has_all(AsyncServer().eio, "send_packet")
        ),
    ),
    Seam(
        "the encoding of a message",
        "the first middleware parses it before Socket.IO does",
        lambda: (
            _encoded(SOCKET_PATH) == f'42{SOCKET_PATH},["{EVENT}"]'
            and str(SocketEvent.EVENT) == EVENT
        ),
    ),
    Seam(
        "the query of the handshake",
        "the first middleware allows only this query",
        lambda: (
            f"query: {{ {TAB_PARAMETER} }}," in template(STATE_JS)
            and f'.get("{TAB_PARAMETER}", [])' in inspect.getsource(EventNamespace.on_connect)
            and f"query.get('EIO') != ['{PROTOCOL['EIO']}']" in inspect.getsource(EngineServer)
        ),
    ),
)
require(SEAMS)
