// The session at Clerk: follows ClerkJS, gets tokens from it and fills the keeper.
import {
  claimsOf, currentToken, drop, keep, keeper, lifeOf, missed, offer, ready, renewBy, sleep,
} from "./keeper.js";

const CHANNEL = "coursebook-identity";
const PATIENCE = 5000; // ClerkJS itself retries for a minute without a network
const GONE = [401, 403, 404];
let clerk = null; // the loaded ClerkJS
let loadAgain = () => {};
let started = false;
let channel;
let asking = null; // the look-up under way, shared by all who want it

// Starts once; `reload` loads ClerkJS again after a failure.
export function start(reload) {
  loadAgain = reload;
  if (started) return;
  started = true;
  offer({ token, signIn: () => window.location.assign("/sign-in"), signOut });
  renewBy(() => (keeper.sid ? refresh() : look()));
  channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = look;
}

export const failed = () => drop("unreachable");

// ClerkJS has loaded, or its session has changed; `sid` is empty when no one is signed in.
export async function follow(given, sid) {
  clerk = given;
  if (!sid) {
    drop();
    return;
  }
  if (sid === keeper.sid && currentToken()) return;
  const isNews = keeper.status !== "unknown";
  // Discard the token of the session before.
  Object.assign(keeper, { sid, jwt: "", until: 0 });
  keeper.round += 1;
  await asking;
  await refresh({});
  // ClerkJS tells other tabs when somebody signs out, but not when somebody signs in.
  if (isNews) channel?.postMessage("changed");
}

function refresh(how = { skipCache: true }) {
  asking ??= ask(how).finally(() => (asking = null));
  return asking;
}

async function ask(how) {
  const { round, sid } = keeper;
  try {
    const session = clerk.client.signedInSessions.find((one) => one.id === sid);
    const jwt = await within(session.getToken(how));
    if (round !== keeper.round) return;
    keep(sid, jwt, how.skipCache ? undefined : endOf(jwt));
  } catch (problem) {
    if (round !== keeper.round) return;
    if (GONE.includes(problem.status)) {
      drop();
      look();
    } else missed();
  }
}

// ClerkJS may have cached this token, or have it from another tab. With a wrong clock its remaining
// life is unknown.
function endOf(jwt) {
  const whole = lifeOf(jwt);
  const left = claimsOf(jwt).exp * 1000 - Date.now();
  return Date.now() + (left > 0 && left < whole ? left : whole);
}

// Asks Clerk for the browser's current session, and updates ClerkJS.
async function look() {
  if (!clerk) return loadAgain();
  try {
    const client = await within(clerk.client.reload());
    const sid = client.lastActiveSessionId;
    if (sid !== (clerk.session?.id ?? null)) await clerk.setActive({ session: sid });
    else if (sid !== (keeper.sid || null)) await follow(clerk, sid);
    else if (keeper.status === "out") drop();
  } catch {
    if (!currentToken()) drop("unreachable");
  }
}

async function within(promise) {
  const late = sleep(PATIENCE).then(() => {
    throw new Error("identity: no answer in time");
  });
  return Promise.race([promise, late]);
}

async function token() {
  await Promise.race([ready, sleep(8000)]);
  if (keeper.sid) await refresh();
  return currentToken();
}

// The empty callback keeps ClerkJS from opening another page.
async function signOut() {
  await within(clerk.signOut(() => {}));
  drop();
}
