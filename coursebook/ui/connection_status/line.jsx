// The messages about the connection (line.js).
import { createElement, useSyncExternalStore } from "react";
import { lineShown, listenToLine, problemOfLine, say } from "$/utils/line.js";

const up = () => "up";
const nothing = () => "";

export function OnLine({ state, children }) {
  return useSyncExternalStore(listenToLine, lineShown, up) === state ? children : null;
}

export function LineProblem() {
  const text = useSyncExternalStore(listenToLine, problemOfLine, nothing);
  return createElement("p", null, text);
}

export function DismissLine({ children, ...rest }) {
  return createElement("button", { type: "button", ...rest, onClick: () => say("") }, children);
}
