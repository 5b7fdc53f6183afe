// The session of one tab and its listeners, without React and independent of the sign-in provider:
// sandbox_session.js or clerk_session.js fills it.
// Times are milliseconds. A token's end is counted from its arrival (exp - iat), so that a
// browser whose clock is wrong still renews in time.

const RENEW_BEFORE = 8000;
const SLOW_RETRY = 15000;

export const keeper = {
  status: "unknown", // then "in" or "out"
  error: "", // "" or "unreachable"
  jwt: "",
  sid: "",
  until: 0,
  round: 0, // an answer from before the last change of session is ignored
};
const listeners = new Set();
let renew;
let timer;
let settle;
export const ready = new Promise((resolve) => (settle = resolve));

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const alive = () => keeper.jwt !== "" && Date.now() < keeper.until;
export const currentToken = () => (alive() ? keeper.jwt : "");

export function claimsOf(jwt) {
  return JSON.parse(atob(jwt.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
}

export function lifeOf(jwt) {
  const { iat, exp } = claimsOf(jwt);
  return (exp - iat) * 1000;
}

function tell() {
  settle();
  for (const listener of listeners) listener();
}

export function plan(delay) {
  clearTimeout(timer);
  timer = setTimeout(renew, delay);
}

// Stores a new token. `until` is for one that was issued earlier and cached elsewhere.
export function keep(sid, jwt, until = Date.now() + lifeOf(jwt)) {
  keeper.round += 1;
  Object.assign(keeper, { status: "in", error: "", sid, jwt, until });
  plan(Math.max(1000, until - Date.now() - RENEW_BEFORE));
  tell();
}

export function drop(error = "") {
  keeper.round += 1;
  Object.assign(keeper, { status: "out", error, sid: "", jwt: "", until: 0 });
  if (error) plan(SLOW_RETRY);
  else clearTimeout(timer);
  tell();
}

// A renewal failed: the current token is valid until its end.
export function missed() {
  if (alive()) plan(Math.min(3000, keeper.until - Date.now() + 50));
  else drop("unreachable");
}

// Sets the renewal. Hidden tabs have throttled timers: renew at once when a tab becomes visible.
export function renewBy(action) {
  renew = action;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || keeper.status === "unknown") return;
    if (keeper.until - Date.now() < 2 * RENEW_BEFORE || keeper.status === "out") action();
  });
}

// Returns the function that stops listening.
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// The public functions for buttons and extensions of the page: `token`, `signIn`, `signOut`.
export let identity;
export function offer(calls) {
  identity = window.coursebookIdentity = {
    ...calls,
    ready,
    get error() {
      return keeper.error;
    },
  };
}
