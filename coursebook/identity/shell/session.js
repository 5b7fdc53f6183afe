// Keeps one session per tab and knows its newest token. No React in here.
// Times are milliseconds. A token's end is counted from its arrival (exp - iat), so that a
// browser whose clock is wrong still renews in time.

const RENEW_BEFORE = 8000;
const SLOW_RETRY = 15000;
const CHANNEL = "coursebook-identity";

const keeper = {
  status: "unknown", // then "in" or "out"
  error: "", // "" or "unreachable"
  jwt: "",
  sid: "",
  until: 0,
};
const listeners = new Set();
let config = null;
let started = false;
let timer;
let channel;
let settle;
let asking = null; // the look-up under way, shared by all who want it
let round = 0; // an answer asked for before the session changed is thrown away
const ready = new Promise((resolve) => (settle = resolve));

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const alive = () => keeper.jwt !== "" && Date.now() < keeper.until;
const currentToken = () => (alive() ? keeper.jwt : "");

function lifetime(jwt) {
  const part = jwt.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
  const claims = JSON.parse(atob(part));
  return (claims.exp - claims.iat) * 1000;
}

function tell() {
  settle();
  for (const listener of listeners) listener();
}

function keep(sid, jwt) {
  round += 1;
  Object.assign(keeper, { status: "in", error: "", sid, jwt, until: Date.now() + lifetime(jwt) });
  plan(Math.max(1000, keeper.until - Date.now() - RENEW_BEFORE));
  tell();
}

function drop(error = "") {
  round += 1;
  Object.assign(keeper, { status: "out", error, sid: "", jwt: "", until: 0 });
  if (error) plan(SLOW_RETRY);
  else clearTimeout(timer);
  tell();
}

function plan(delay) {
  clearTimeout(timer);
  timer = setTimeout(refresh, delay);
}

async function frontendApi() {
  if (!config) {
    const answer = await fetch("/api/identity", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`identity: ${answer.status}`);
    const said = await answer.json();
    if (said.provider !== "sandbox") throw new Error(`identity: no shell for ${said.provider}`);
    config = said;
  }
  return config.frontend_api;
}

// POST with `_method`, form-encoded, as Clerk's own client does: needs no CORS preflight.
async function call(path, form) {
  const base = await frontendApi();
  const init = form ? { method: "POST", body: new URLSearchParams(form) } : {};
  const answer = await fetch(base + path, { credentials: "include", ...init });
  const body = await answer.json();
  if (answer.ok) return body;
  const problem = new Error(body.errors?.[0]?.message || `status ${answer.status}`);
  throw Object.assign(problem, { status: answer.status });
}

function takeClient(client) {
  const session = client?.sessions?.find((one) => one.id === client.last_active_session_id);
  if (session?.last_active_token) keep(session.id, session.last_active_token.jwt);
  else drop();
}

// Asks whether there is a session, or renews the token of the one we have.
function refresh() {
  asking ??= ask().finally(() => (asking = null));
  return asking;
}

async function ask() {
  const asked = round;
  const { sid } = keeper;
  try {
    const body = sid ? await call(`/v1/client/sessions/${sid}/tokens`, {}) : await call("/v1/client");
    if (asked !== round) return;
    if (sid) keep(sid, body.jwt);
    else takeClient(body.response);
  } catch (problem) {
    if (asked === round) missed(problem);
  }
}

function missed(problem) {
  if (problem.status === 401 || problem.status === 404) drop();
  else if (alive()) plan(Math.min(3000, keeper.until - Date.now() + 50));
  else drop("unreachable");
}

// Another tab signed in or out: what we know is old.
async function otherTab() {
  round += 1;
  await asking;
  keeper.sid = "";
  await refresh();
}

async function start() {
  if (started) return;
  started = true;
  channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = otherTab;
  document.addEventListener("visibilitychange", onVisible);
  for (const pause of [500, 1000, 2000]) {
    const asked = round;
    try {
      const { response } = await call("/v1/client");
      if (asked === round) takeClient(response);
      return;
    } catch {
      await sleep(pause);
    }
    if (keeper.status !== "unknown") return;
  }
  drop("unreachable");
}

// Hidden tabs have their timers throttled: look at once when one comes back.
function onVisible() {
  if (document.visibilityState !== "visible" || keeper.status === "unknown") return;
  if (keeper.until - Date.now() < 2 * RENEW_BEFORE || keeper.status === "out") refresh();
}

async function token() {
  start();
  await Promise.race([ready, sleep(8000)]);
  if (keeper.sid) await refresh();
  return currentToken();
}

async function signIn(email) {
  start();
  const body = await call("/v1/client/sign_ins", { identifier: email });
  takeClient(body.client);
  channel?.postMessage("changed");
  return currentToken();
}

async function signOut() {
  await call("/v1/client/sessions?_method=DELETE", {});
  drop();
  channel?.postMessage("changed");
}

async function people() {
  return (await call("/v1/people")).people;
}

export const session = { keeper, ready, token, currentToken, signIn, signOut, people, refresh };

// Starts the keeper at the first call; returns the function that stops listening.
export function listen(listener) {
  listeners.add(listener);
  start();
  window.coursebookIdentity = {
    ready,
    token,
    signIn,
    signOut,
    get error() {
      return keeper.error;
    },
  };
  return () => listeners.delete(listener);
}
