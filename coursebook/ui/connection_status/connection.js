import { SENT_ON_CONNECT, isTemporal } from "$/utils/reflex_names.js";
import { closeConnection, isOpen, listen } from "$/utils/transport.js";

// The connection to the server. A broken socket is reported, a dead connection is not, so a long
// silence counts as lost too: the server sends a ping every 4 seconds (rxconfig.py).
const SILENCE_TIMEOUT = 8000;
const RECONNECT_GRACE = 1500; // a restarting server is back before that
const FIRST_GRACE = 5000; // the first connection of a slow phone
const PROBE_INTERVAL = 4000; // without a socket: does HTTP work?
const CLICK_TIMEOUT = 30000; // how long a click waits
const STORAGE_KEY = "coursebook-plain";

const loaded = typeof window === "undefined" ? "" : window.location.href.split("#")[0];
let socket = null;
let lastMessageAt = 0;
let lostAt = 0; // when the connection was lost; 0 while connected
let probedAt = 0;
let grace = FIRST_GRACE;
let state = "up"; // then "down", or "plain": HTTP works, the socket does not
let clickMessage = null; // the message about a click: {kind, text}
let waiting = 0; // clicks that wait
let sent = []; // events sent since the last message of the server
let shown = "up";
const listeners = new Set();

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const isUp = () => isOpen(socket) && Date.now() - lastMessageAt <= SILENCE_TIMEOUT;
export const isPlain = () => state === "plain";
export const shownStatus = () => shown;
export const clickError = () => (clickMessage?.kind === "problem" ? clickMessage.text : "");

export function onStatusChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function notify() {
  shown = clickMessage?.kind ?? (state === "down" && waiting > 0 ? "waiting" : state);
  for (const listener of listeners) listener();
}

export function showMessage(kind, text = "") {
  clickMessage = kind ? { kind, text } : null;
  notify();
}

function messageReceived() {
  lastMessageAt = Date.now();
  sent = [];
}

// Watches the socket that Reflex created.
export function watchSocket(newSocket) {
  if (socket === null) {
    setInterval(check, 500);
    window.addEventListener("click", plainLink, true);
  }
  socket = newSocket;
  lostAt = lastMessageAt = Date.now();
  if (sessionStorage.getItem(STORAGE_KEY)) setState("plain");
  listen(newSocket, SILENCE_TIMEOUT, {
    received: messageReceived,
    opened() {
      lastMessageAt = Date.now();
      lostAt = 0;
      grace = RECONNECT_GRACE;
      setState("up");
    },
    failed: () => (grace = RECONNECT_GRACE),
    closed: () => (lostAt ||= Date.now()),
  });
}

// Records an event that is sent over the socket.
export function recordSent(event) {
  if (!SENT_ON_CONNECT.test(event.name)) sent.push(event); // the page itself repeats those on connect
}

// Returns the events to send again after a lost connection. Events that move money are not among
// them: the page shows the current state, and a message asks the visitor to check.
export function eventsToRepeat() {
  const unanswered = sent;
  sent = [];
  if (unanswered.some(isTemporal)) showMessage("lost");
  return unanswered.filter((event) => !isTemporal(event));
}

function check() {
  if (document.hidden) return;
  const now = Date.now();
  if (isOpen(socket) && now - lastMessageAt > SILENCE_TIMEOUT) {
    lostAt = lastMessageAt;
    closeConnection(socket); // after a change of network a new connection works at once
  }
  const next = lostAt ? stateAfterLoss(now) : "up";
  if (next !== "up" && now - lostAt >= PROBE_INTERVAL && now - probedAt >= PROBE_INTERVAL) probe(now);
  if (next !== state) setState(next);
}

function stateAfterLoss(now) {
  if (state === "up" && now - lostAt < grace) return "up";
  return state === "plain" ? "plain" : "down";
}

// A tab whose socket is blocked stays without it on further pages. Its content then comes with a
// full page load: a page that was opened by the router has none yet.
function setState(next) {
  state = next;
  if (next === "plain") {
    sessionStorage.setItem(STORAGE_KEY, "1");
    if (window.location.href.split("#")[0] !== loaded) window.location.reload();
  } else if (next === "up") sessionStorage.removeItem(STORAGE_KEY);
  notify();
}

async function probe(now) {
  probedAt = now;
  let works = false;
  try {
    const signal = AbortSignal.timeout(PROBE_INTERVAL);
    works = (await fetch("/api/health", { cache: "no-store", signal })).ok;
  } catch {
    // no connection at all
  }
  const next = works && !isOpen(socket) ? "plain" : "down";
  if (lostAt && next !== state) setState(next);
}

// Without a socket the router cannot load a page: let the browser load it.
function plainLink(event) {
  const link = event.target.closest?.("a[href]");
  if (!isPlain() || !link || link.target || event.button !== 0) return;
  if (link.origin === window.location.origin) event.stopPropagation();
}

// Returns how to send a click: "socket", "http" if `hasHttp`, or "" after the timeout.
export async function channelFor(hasHttp, isHere) {
  showMessage("");
  if (isUp()) return "socket";
  waiting += 1;
  notify();
  try {
    for (const deadline = Date.now() + CLICK_TIMEOUT; Date.now() < deadline && isHere(); await sleep(100)) {
      if (isUp()) return "socket";
      if (hasHttp && isPlain()) return "http";
    }
  } finally {
    waiting -= 1;
    notify();
  }
  if (isHere()) showMessage("gave_up");
  return "";
}

// Returns the path after a sign-in, on this site only (validation.py has the same rule).
export function pathAfterSignIn() {
  const next = new URLSearchParams(window.location.search).get("next") ?? "";
  return /^\/(?![/\\])[!-[\]-~]*$/.test(next) ? next : "/courses";
}

const toSignIn = () => {
  const path = window.location.pathname + window.location.search;
  window.location.assign(`/sign-in?next=${encodeURIComponent(path)}`);
};

// Opens a Checkout Session over the HTTP API, with the token of the person who clicked.
export async function payOverHttp(path, body, token) {
  if (!token) return toSignIn();
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(CLICK_TIMEOUT),
    });
    const result = await response.json();
    if (response.status === 401) return toSignIn();
    if (response.ok && result.checkout_url) window.location.assign(result.checkout_url);
    else showMessage("problem", result.detail);
  } catch {
    showMessage("lost");
  }
}
