// The session of the sandbox's sign-in: calls its Frontend API and fills the keeper.
import { currentToken, drop, keep, keeper, missed, offer, ready, renewBy, sleep } from "./keeper.js";

const CHANNEL = "coursebook-identity";
let config = null;
let started = false;
let channel;
let asking = null; // the look-up under way, shared by all who want it

async function frontendApi() {
  if (!config) {
    const answer = await fetch("/api/identity", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`identity: ${answer.status}`);
    const settings = await answer.json();
    if (settings.provider !== "sandbox") throw new Error(`identity: no shell for ${settings.provider}`);
    config = settings;
  }
  return config.frontend_api;
}

// POST with `_method`, form-encoded, as Clerk's own client does: it needs no CORS preflight.
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

// Looks up the session, or renews the token of the current one.
function refresh() {
  asking ??= ask().finally(() => (asking = null));
  return asking;
}

async function ask() {
  const { round, sid } = keeper;
  try {
    const body = sid ? await call(`/v1/client/sessions/${sid}/tokens`, {}) : await call("/v1/client");
    if (round !== keeper.round) return;
    if (sid) keep(sid, body.jwt);
    else takeClient(body.response);
  } catch (problem) {
    if (round !== keeper.round) return;
    if (problem.status === 401 || problem.status === 404) drop();
    else missed();
  }
}

// Another tab signed in or out: look up the session again.
async function otherTab() {
  keeper.round += 1;
  await asking;
  keeper.sid = "";
  await refresh();
}

export async function start() {
  if (started) return;
  started = true;
  offer({ token, signIn, signOut });
  renewBy(refresh);
  channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = otherTab;
  for (const pause of [500, 1000, 2000]) {
    const { round } = keeper;
    try {
      const { response } = await call("/v1/client");
      if (round === keeper.round) takeClient(response);
      return;
    } catch {
      await sleep(pause);
    }
    if (keeper.status !== "unknown") return;
  }
  drop("unreachable");
}

async function token() {
  await Promise.race([ready, sleep(8000)]);
  if (keeper.sid) await refresh();
  return currentToken();
}

export async function signIn(email) {
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

export async function people() {
  return (await call("/v1/people")).people;
}
