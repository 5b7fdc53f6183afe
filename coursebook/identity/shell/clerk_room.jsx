// All code from Clerk. Loaded in the browser only, after the page.
import { ClerkProvider, SignIn, useAuth, useClerk } from "@clerk/react";
import { useEffect } from "react";
import { createPortal } from "react-dom";
import { failed, follow } from "./clerk_session.js";

// After a sign-in Clerk would open the current page: the state redirects instead.
function go(to) {
  const url = new URL(to, window.location.href);
  if (url.pathname !== window.location.pathname) window.location.assign(url);
}

function Follower() {
  const { isLoaded, sessionId } = useAuth();
  const clerk = useClerk();
  useEffect(() => {
    if (isLoaded) follow(clerk, sessionId);
  }, [isLoaded, sessionId]);
  useEffect(() => {
    const told = (status) => status === "error" && failed();
    clerk.on("status", told, { notify: true });
    return () => clerk.off("status", told);
  }, []);
  return null;
}

// The colours of the page, light and dark: variables of assets/theme.css.
const LOOK = {
  variables: {
    colorPrimary: "var(--page-accent)",
    colorPrimaryForeground: "var(--on-accent)",
    colorBackground: "var(--surface)",
    colorForeground: "var(--ink)",
    colorMutedForeground: "var(--ink-soft)",
    colorInput: "var(--surface)",
    colorInputForeground: "var(--ink)",
    colorNeutral: "var(--ink)",
    colorDanger: "var(--bad)",
    fontFamily: "inherit",
    fontSize: "1rem",
  },
};

export function Room({ publishableKey, seat }) {
  const here = `${window.location.pathname}${window.location.search}`;
  return (
    <ClerkProvider publishableKey={publishableKey} telemetry={false} signInUrl="/sign-in"
      routerPush={go} routerReplace={go} appearance={LOOK}>
      <Follower />
      {seat && createPortal(
        <SignIn routing="hash" withSignUp forceRedirectUrl={here} signUpForceRedirectUrl={here}
          fallback={<p role="status" className={seat.dataset.look}>{seat.dataset.notice}</p>} />,
        seat,
      )}
    </ClerkProvider>
  );
}
