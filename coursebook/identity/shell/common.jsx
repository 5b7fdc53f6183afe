// Shared parts of every sign-in provider: sending tokens to the state, and buttons with a token.
import { createElement, useEffect, useRef, useState } from "react";
import { isUp, pathAfterSignIn, payOverHttp, channelFor } from "$/utils/connection.js";
import { currentToken, identity, keeper, listen } from "./keeper.js";

// Sends each new token to the state, and repeats it at growing intervals until the state has one.
export function usePump(start, onToken, isKnown) {
  const send = useRef(onToken);
  send.current = onToken;
  useEffect(() => {
    let last = null;
    const push = () => {
      const token = currentToken();
      if (token !== last) send.current?.((last = token));
    };
    const stop = listen(push);
    start();
    if (keeper.status !== "unknown") push();
    return stop;
  }, []);
  useEffect(() => {
    if (isKnown !== false) return undefined;
    let timer;
    const again = (wait) => {
      timer = setTimeout(() => {
        if (keeper.status !== "unknown") send.current?.(currentToken());
        again(Math.min(wait * 2, 16000));
      }, wait);
    };
    again(1000);
    return () => clearTimeout(timer);
  }, [isKnown]);
}

// Runs one action at a time and stays disabled half a second longer: a double click counts once.
// `here` tells whether the page of the click is still open: a token may take a while to arrive.
export function useOnce(action) {
  const shut = useRef(false);
  const [pending, setPending] = useState(false);
  const run = async (event) => {
    event?.preventDefault();
    if (shut.current) return;
    shut.current = true;
    setPending(true);
    const { href } = window.location;
    try {
      await action(() => window.location.href === href);
    } finally {
      setTimeout(() => {
        shut.current = false;
        setPending(false);
      }, 500);
    }
  };
  return [pending, run];
}

function button(rest, disabled, pending, run, children) {
  // Stays focusable while pending (aria-disabled, not disabled): focus is not thrown to <body>.
  const state = { disabled, "aria-disabled": pending || undefined, "aria-busy": pending || undefined };
  return createElement("button", { type: "button", ...rest, ...state, onClick: run }, children);
}

// Reports a sign-in to the state, which redirects. Without a connection the browser does so itself.
export function signedIn(token, onSignedIn) {
  onSignedIn?.(token);
  if (!isUp()) window.location.assign(pathAfterSignIn());
}

// A click waits for the connection. `http` is the equivalent call of the HTTP API.
export function TokenButton({ onPress, http, disabled, busy, children, ...rest }) {
  const [pending, run] = useOnce(async (here) => {
    if (busy) return;
    const way = await channelFor(http?.path !== undefined, here);
    if (!way) return;
    const token = await identity.token();
    if (!here()) return;
    if (way === "http") await payOverHttp(http.path, http.body, token);
    else onPress?.(token);
  });
  return button(rest, disabled, pending || busy, run, children);
}

export function TokenOnce({ onToken }) {
  useEffect(() => {
    let isThere = true;
    identity.token().then((token) => isThere && onToken?.(token));
    return () => (isThere = false);
  }, []);
  return null;
}

export function SignOutButton({ onSignedOut, onProblem, disabled, children, ...rest }) {
  const [pending, run] = useOnce(() =>
    identity.signOut().then(() => onSignedOut?.(), () => onProblem?.()),
  );
  return button(rest, disabled, pending, run, children);
}
