// The list of a meeting on this phone: shows ticks at once, sends them when there is a network, and
// reads every few seconds what other phones did. A line is sent until the server has answered it; its id
// makes a second sending harmless.
import { forgetLines, forgetList, keepLine, keepList, keptLines, keptList } from "./phone_storage.js";

const EVERY = 8000; // milliseconds: another phone shows a tick within ten seconds
const AGAIN = 2500; // after a failure
const TIMEOUT = 8000;
const MAX_LINES = 100; // in one call
const FACES = { 401: "signed_out", 403: "missing", 404: "missing" };

function newId() {
  if (window.crypto.randomUUID) return window.crypto.randomUUID();
  const bytes = window.crypto.getRandomValues(new Uint8Array(16)); // a page without HTTPS
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function hashOf(code) {
  if (!window.crypto.subtle) return ""; // a page without HTTPS: the server knows the code
  const digest = await window.crypto.subtle.digest("SHA-256", new TextEncoder().encode(code));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function tokenOf() {
  for (let wait = 0; !window.coursebookIdentity && wait < 50; wait += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return (await window.coursebookIdentity?.token()) ?? "";
}

// Calls the API with a fresh token. Returns {status, body}; status 0 without an answer.
export async function call(path, body, headers = {}) {
  if (!navigator.onLine) return { status: 0, body: null };
  try {
    const token = await tokenOf();
    if (!token) return { status: window.coursebookIdentity?.error ? 0 : 401, body: null };
    const answer = await fetch(path, {
      method: body ? "POST" : "GET",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers },
      body: body ? JSON.stringify(body) : undefined,
      signal: AbortSignal.timeout(TIMEOUT),
    });
    return { status: answer.status, body: await answer.json() };
  } catch {
    return { status: 0, body: null };
  }
}

export function doorList(meetingId) {
  const path = `/api/manage/meetings/${encodeURIComponent(meetingId)}`;
  const listeners = new Set();
  let state = { face: "loading", list: null, lines: [], refusals: [], isOnline: navigator.onLine };
  let timer;
  let syncing = null;
  let isStopped = false;
  let order = 0;

  const set = (changes) => {
    state = { ...state, ...changes };
    for (const listener of listeners) listener();
  };
  const plan = (delay) => {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(sync, delay);
  };

  function take(answers) {
    const people = new Map(state.list.people.map((person) => [person.booking_id, person]));
    const sent = new Map(state.lines.map((line) => [line.client_id, line]));
    const refusals = [];
    for (const answer of answers) {
      const line = sent.get(answer.client_id);
      const person = people.get(answer.booking_id || line?.booking_id);
      if (person && answer.booking_id) people.set(person.booking_id, { ...person, tick: answer.tick });
      if (answer.answer === "done") continue;
      const isOthers = answer.tick?.state === "present" && !sent.has(answer.tick.client_id);
      const kind = answer.answer === "already" ? "already" : answer.reason || answer.answer;
      if (kind === "already" && !isOthers) continue;
      refusals.push({ kind, name: person?.name ?? "", tick: answer.tick, id: answer.client_id });
    }
    const kept = state.list.people.map((person) => people.get(person.booking_id));
    const ids = new Set(answers.map((answer) => answer.client_id));
    set({
      list: { ...state.list, people: kept },
      lines: state.lines.filter((line) => !ids.has(line.client_id)),
      refusals: [...state.refusals, ...refusals],
    });
    return forgetLines(ids);
  }

  function wire(line) {
    const { client_id, booking_id, code, at, undoes } = line;
    const who = code ? { code } : { booking_id };
    return { client_id, ...who, state: line.state, at, ...(undoes ? { undoes } : {}) };
  }

  async function sendLines() {
    while (state.lines.length > 0 && state.list) {
      const some = state.lines.slice(0, MAX_LINES);
      const { status, body } = await call(`${path}/attendance`, { lines: some.map(wire) });
      if (status !== 200) return status;
      await take(body.lines);
    }
    return 200;
  }

  async function readList() {
    const { status, body } = await call(`${path}/snapshot`);
    if (status === 200) {
      set({ face: "list", list: body, isOnline: true });
      keepList(body);
    }
    return status;
  }

  async function round() {
    if (!state.list) {
      const [list, lines] = await Promise.all([keptList(meetingId, new Date()), keptLines(meetingId)]);
      order = Math.max(0, ...lines.map((line) => line.order));
      if (list) set({ face: "list", list, lines });
      else set({ lines });
    }
    if (!navigator.onLine) return 0;
    const status = await sendLines();
    return status === 200 ? readList() : status;
  }

  // Sends and reads once; a call during a round makes another round follow.
  function sync() {
    if (syncing) {
      syncing.again = true;
      return syncing.round;
    }
    const current = { again: false, round: null };
    syncing = current;
    current.round = (async () => {
      const status = await round();
      const isAnswered = status !== 0 && status < 500;
      set({ isOnline: isAnswered });
      const face = FACES[status];
      if (face === "missing") forgetList(meetingId);
      if (face && (!state.list || face === "missing")) set({ face, list: null });
      else if (!state.list && status !== 200) set({ face: "error" });
      set({ isSignedOut: face === "signed_out" });
      syncing = null;
      if (face === "missing") clearTimeout(timer); // asking again would change nothing
      else if (current.again) sync();
      else plan(status === 200 || face ? EVERY : AGAIN);
    })();
    return current.round;
  }

  // Shows a line at once, keeps it, and sends it.
  function add(line) {
    order += 1;
    const whole = { ...line, client_id: newId(), meeting: meetingId, at: new Date().toISOString(), order };
    set({ lines: [...state.lines, whole] });
    keepLine(whole).then(() => sync());
    return whole;
  }

  const onLine = () => sync();
  const offLine = () => set({ isOnline: false });
  const seen = () => document.visibilityState === "visible" && sync();
  return {
    get: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => {
      isStopped = false;
      window.addEventListener("online", onLine);
      window.addEventListener("offline", offLine);
      document.addEventListener("visibilitychange", seen);
      sync();
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      window.removeEventListener("online", onLine);
      window.removeEventListener("offline", offLine);
      document.removeEventListener("visibilitychange", seen);
    },
    tick: (person, code) => add({ state: "present", booking_id: person.booking_id, code }),
    undo: (person) => {
      const own = state.lines.findLast(
        (line) => line.booking_id === person.booking_id && line.state === "present",
      );
      add({ state: "undone", booking_id: person.booking_id, undoes: own?.client_id });
    },
    // Asks the server about a code that is not on the list of this phone. Keeps nothing.
    ask: async (code) => {
      const line = { client_id: newId(), code, state: "present", at: new Date().toISOString() };
      const { status, body } = await call(`${path}/attendance`, { lines: [line] });
      if (status === 200) await sync();
      return status === 200 ? body.lines[0] : null;
    },
    forgetRefusals: () => set({ refusals: [] }),
    sync,
  };
}

// Returns what is shown of a person: the last line of this phone, else what the server knows.
export function shownTick(person, lines) {
  const own = lines.findLast((line) => line.booking_id === person.booking_id);
  if (own) return { isHere: own.state === "present", at: own.at, by: "", isSent: false, state: own.state };
  const { tick } = person;
  const isHere = tick?.state === "present";
  return { isHere, at: tick?.at, by: tick?.by ?? "", isSent: true, state: tick?.state ?? "" };
}
