import { SENT_ON_CONNECT, isTemporal } from "$/utils/reflex_names.js";
import { closeConnection, isOpen, listen } from "$/utils/transport.js";

// The connection to the server. A broken socket is reported, a dead connection is not, so a long
// silence counts as lost too: the server sends a ping every 4 seconds (rxconfig.py).
const SILENCE = 8000;
const PAUSE = 1500; // a restarting server is back before that
const FIRST = 5000; // the first connection of a slow phone
const PROBE = 4000; // without a socket: does HTTP work?
const PATIENCE = 30000; // how long a click waits
const REMEMBERED = "coursebook-plain";

const loaded = typeof window === "undefined" ? "" : window.location.href.split("#")[0];
let socket = null;
let heard = 0;
let lost = 0; // when the connection was lost; 0 while connected
let probed = 0;
let pause = FIRST;
let state = "up"; // then "down", or "plain": HTTP works, the socket does not
let said = null; // the message about a click: {kind, text}
let waiting = 0; // clicks that wait
let sent = []; // events sent since the last message of the server
let shown = "up";
const listeners = new Set();

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const isUp = () => isOpen(socket) && Date.now() - heard <= SILENCE;
export const isPlain = () => state === "plain";
export const lineShown = () => shown;
export const problemOfLine = () => (said?.kind === "problem" ? said.text : "");

export function listenToLine(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell() {
  shown = said?.kind ?? (state === "down" && waiting > 0 ? "waiting" : state);
  for (const listener of listeners) listener();
}

export function say(kind, text = "") {
  said = kind ? { kind, text } : null;
  tell();
}

function hear() {
  heard = Date.now();
  sent = [];
}

// Watches the socket that Reflex created.
export function watchLine(made) {
  if (socket === null) {
    setInterval(look, 500);
    window.addEventListener("click", plainLink, true);
  }
  socket = made;
  lost = heard = Date.now();
  if (sessionStorage.getItem(REMEMBERED)) become("plain");
  listen(made, SILENCE, {
    heard: hear,
    opened() {
      heard = Date.now();
      lost = 0;
      pause = PAUSE;
      become("up");
    },
    failed: () => (pause = PAUSE),
    closed: () => (lost ||= Date.now()),
  });
}

// Records an event that is sent over the socket.
export function noteSent(event) {
  if (!SENT_ON_CONNECT.test(event.name)) sent.push(event); // the page itself repeats those on connect
}

// Returns the events to send again after a lost connection. Events that move money are not among
// them: the page shows the current state, and a message asks the visitor to check.
export function sendAgain() {
  const again = sent;
  sent = [];
  if (again.some(isTemporal)) say("lost");
  return again.filter((event) => !isTemporal(event));
}

function look() {
  if (document.hidden) return;
  const now = Date.now();
  if (isOpen(socket) && now - heard > SILENCE) {
    lost = heard;
    closeConnection(socket); // after a change of network a new connection works at once
  }
  const next = lost ? stateWithout(now) : "up";
  if (next !== "up" && now - lost >= PROBE && now - probed >= PROBE) probe(now);
  if (next !== state) become(next);
}

function stateWithout(now) {
  if (state === "up" && now - lost < pause) return "up";
  return state === "plain" ? "plain" : "down";
}

// A tab whose socket is blocked stays without it on further pages. Its content then comes with a
// full page load: a page that was opened by the router has none yet.
function become(next) {
  state = next;
  if (next === "plain") {
    sessionStorage.setItem(REMEMBERED, "1");
    if (window.location.href.split("#")[0] !== loaded) window.location.reload();
  } else if (next === "up") sessionStorage.removeItem(REMEMBERED);
  tell();
}

async function probe(now) {
  probed = now;
  let works = false;
  try {
    const signal = AbortSignal.timeout(PROBE);
    works = (await fetch("/api/health", { cache: "no-store", signal })).ok;
  } catch {
    // no connection at all
  }
  const next = works && !isOpen(socket) ? "plain" : "down";
  if (lost && next !== state) become(next);
}

// Without a socket the router cannot load a page: let the browser load it.
function plainLink(event) {
  const link = event.target.closest?.("a[href]");
  if (!isPlain() || !link || link.target || event.button !== 0) return;
  if (link.origin === window.location.origin) event.stopPropagation();
}

// Returns how to send a click: "socket", "http" if `hasHttp`, or "" after the timeout.
export async function wayOf(hasHttp, here) {
  say("");
  if (isUp()) return "socket";
  waiting += 1;
  tell();
  try {
    for (const end = Date.now() + PATIENCE; Date.now() < end && here(); await sleep(100)) {
      if (isUp()) return "socket";
      if (hasHttp && isPlain()) return "http";
    }
  } finally {
    waiting -= 1;
    tell();
  }
  if (here()) say("gave_up");
  return "";
}

// Returns the path after a sign-in, on this site only (validation.py has the same rule).
export function pathAfterSignIn() {
  const next = new URLSearchParams(window.location.search).get("next") ?? "";
  return /^\/(?![/\\])[!-[\]-~]*$/.test(next) ? next : "/courses";
}

const toSignIn = () => {
  const here = window.location.pathname + window.location.search;
  window.location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
};

// Opens a Checkout Session over the HTTP API, with the token of the person who clicked.
export async function payOverHttp(path, body, token) {
  if (!token) return toSignIn();
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const told = await answer.json();
    if (answer.status === 401) return toSignIn();
    if (answer.ok && told.checkout_url) window.location.assign(told.checkout_url);
    else say("problem", told.detail);
  } catch {
    say("lost");
  }
}
