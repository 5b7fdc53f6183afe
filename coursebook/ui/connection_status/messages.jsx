// The messages about the connection (connection.js).
import { createElement, useSyncExternalStore } from "react";
import { shownStatus, onStatusChange, clickError, showMessage } from "$/utils/connection.js";

const up = () => "up";
const nothing = () => "";

export function ConnectionStatus({ state, children }) {
  return useSyncExternalStore(onStatusChange, shownStatus, up) === state ? children : null;
}

export function ClickError() {
  const text = useSyncExternalStore(onStatusChange, clickError, nothing);
  return createElement("p", null, text);
}

export function DismissMessage({ children, ...rest }) {
  return createElement("button", { type: "button", ...rest, onClick: () => showMessage("") }, children);
}
