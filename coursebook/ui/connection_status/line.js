import { SENT_ON_CONNECT, isTemporal } from "$/utils/reflex_names.js";
import { closeConnection, isOpen, listen } from "$/utils/transport.js";

// The line to the server. The socket says when it breaks; a line that fell silent says nothing, so
// silence counts too: the server sends a ping every 4 seconds (rxconfig.py).
const SILENCE = 8000;
const PAUSE = 1500; // a server that is started again is back before that
const FIRST = 5000; // a slow phone connects for the first time
const PROBE = 4000; // without a socket: does HTTP work?
const PATIENCE = 30000; // how long a press waits
const REMEMBERED = "coursebook-plain";

const loaded = typeof window === "undefined" ? "" : window.location.href.split("#")[0];
let socket = null;
let heard = 0;
let lost = 0; // since when there is no line; 0 while there is one
let probed = 0;
let pause = FIRST;
let state = "up"; // then "down", or "plain": HTTP works, the socket does not
let said = null; // what is told of a press: {kind, text}
let waiting = 0; // presses that wait
let sent = []; // events that nothing was heard after
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

// Takes the socket that Reflex made.
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

// An event goes over the line.
export function noteSent(event) {
  if (!SENT_ON_CONNECT.test(event.name)) sent.push(event); // else the page asks itself
}

// What went into a silent line is done once more. What costs money is not: the page shows how it
// stands, and a sentence asks to look.
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
    closeConnection(socket); // after a change of networks a new connection works at once
  }
  const next = lost ? stateWithout(now) : "up";
  if (next !== "up" && now - lost >= PROBE && now - probed >= PROBE) probe(now);
  if (next !== state) become(next);
}

function stateWithout(now) {
  if (state === "up" && now - lost < pause) return "up";
  return state === "plain" ? "plain" : "down";
}

// A tab whose socket was refused goes on without from page to page. What it can show comes with a
// page that is loaded whole: one that was opened from within has nothing yet.
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
    // no line at all
  }
  const next = works && !isOpen(socket) ? "plain" : "down";
  if (lost && next !== state) become(next);
}

// Without a socket no page can be loaded from within: the browser loads it whole.
function plainLink(event) {
  const link = event.target.closest?.("a[href]");
  if (!isPlain() || !link || link.target || event.button !== 0) return;
  if (link.origin === window.location.origin) event.stopPropagation();
}

// Returns how a press can be done: "socket", "http" where that is a way, or "" when it was given up.
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

// Where a sign-in leads to: a path of this site, and no other (states/checks.py asks the same).
export function pathAfterSignIn() {
  const next = new URLSearchParams(window.location.search).get("next") ?? "";
  return /^\/(?![/\\])[!-[\]-~]*$/.test(next) ? next : "/courses";
}

const toSignIn = () => {
  const here = window.location.pathname + window.location.search;
  window.location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
};

// Asks the HTTP API for a payment page, with the token of the person who pressed.
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
