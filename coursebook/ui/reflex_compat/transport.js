// The socket of the pages in the browser: Socket.IO's client, as Reflex's script makes it.
// transport.py is the server's half.
export const isOpen = (socket) => socket !== null && socket.connected;

// Calls `heard` for everything that the server says, also for a ping, which nobody else sees.
export function listen(socket, timeout, { heard, opened, failed, closed }) {
  socket.io.timeout?.(timeout);
  socket.io.on("ping", heard);
  socket.onAny(heard);
  socket.on("connect", opened);
  socket.on("connect_error", failed);
  socket.on("disconnect", closed);
}

// Ends the connection below the socket: Reflex's script then opens another one at once.
export const closeConnection = (socket) => socket.io.engine?.close();
