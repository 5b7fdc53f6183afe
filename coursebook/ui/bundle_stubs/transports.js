// Stands for the transports of Engine.IO: Reflex's socket is a WebSocket and nothing else.
import { WS } from "../../node_modules/engine.io-client/build/esm/transports/websocket.js";

export const transports = { websocket: WS };
