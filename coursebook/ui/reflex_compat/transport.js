// The socket of the pages in the browser: Socket.IO's client, as created by Reflex's script.
// transport.py is its counterpart on the server.
export const isOpen = (socket) => socket !== null && socket.connected;

// Calls `received` for each message of the server, also for a ping, which Reflex does not report.
export function listen(socket, timeout, { received, opened, failed, closed }) {
  socket.io.timeout?.(timeout);
  socket.io.on("ping", received);
  socket.onAny(received);
  socket.on("connect", opened);
  socket.on("connect_error", failed);
  socket.on("disconnect", closed);
}

// Closes the connection below the socket: Reflex's script then opens another one at once.
export const closeConnection = (socket) => socket.io.engine?.close();
