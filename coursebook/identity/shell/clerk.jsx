// Signing in with Clerk, with the contract of __init__.py. ClerkJS and Clerk's React components are
// loaded after the page (clerk_room.jsx), so they delay nothing and the server never renders them.
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { signedIn, usePump } from "./common.jsx";
import { failed, start } from "./clerk_session.js";
import { currentToken, keeper, listen } from "./keeper.js";

export { SignOutButton, TokenButton, TokenOnce } from "./common.jsx";

// The element for Clerk's sign-in form; one at most.
let seat = null;
const watchers = new Set();

function takeSeat(element) {
  seat = element;
  for (const watcher of watchers) watcher();
}

function watchSeat(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

async function settings() {
  const answer = await fetch("/api/identity", { headers: { Accept: "application/json" } });
  const config = answer.ok ? await answer.json() : {};
  if (config.provider !== "clerk") throw new Error(`identity: ${config.provider ?? answer.status}`);
  return config.publishable_key;
}

export function IdentityShell({ onToken, isKnown, children }) {
  const [room, setRoom] = useState(null);
  const place = useSyncExternalStore(watchSeat, () => seat, () => null);
  const load = () => {
    Promise.all([import("./clerk_room.jsx"), settings()]).then(
      ([{ Room }, publishableKey]) =>
        setRoom((last) => ({ Room, publishableKey, attempt: (last?.attempt ?? 0) + 1 })),
      failed,
    );
  };
  usePump(() => start(load), onToken, isKnown);
  useEffect(load, []);
  return (
    <>
      {children}
      {room && <room.Room key={room.attempt} publishableKey={room.publishableKey} seat={place} />}
    </>
  );
}

const nothingYet = () => "unknown";
// Clerk's buttons define their own `--accent`, which must not refer to itself.
const SEAT = { "--page-accent": "var(--accent)" };

export function SignInPanel({
  className, buttonClass, noticeClass, errorClass, onSignedIn, id, words,
}) {
  const status = useSyncExternalStore(listen, () => keeper.error || keeper.status, nothingYet);
  const sid = useSyncExternalStore(listen, () => keeper.sid, () => "");
  const done = useRef(onSignedIn);
  done.current = onSignedIn;
  useEffect(() => {
    if (status === "in") signedIn(currentToken(), done.current);
  }, [status, sid]);
  return (
    <div id={id} className={className} aria-busy={status === "unknown"}>
      {status === "unknown" && <p role="status" className={noticeClass}>{words.loading}</p>}
      {status === "unreachable" && (
        <>
          <p role="alert" className={errorClass}>{words.unreachable}</p>
          <button type="button" className={buttonClass} onClick={() => window.location.reload()}>
            {words.again}
          </button>
        </>
      )}
      {status === "out" && (
        <div ref={takeSeat} style={SEAT} data-notice={words.loading} data-look={noticeClass} />
      )}
    </div>
  );
}
