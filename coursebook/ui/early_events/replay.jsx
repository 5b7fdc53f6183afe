// Replays the events that record.js recorded, once, when the page is interactive.
import { useEffect, useSyncExternalStore } from "react";
import { isPlain, onStatusChange } from "$/utils/connection.js";

const never = () => false;

// Where the socket is blocked, a click goes over HTTP (connection.js).
export function ReplayEarlyEvents({ ready, children }) {
  const plain = useSyncExternalStore(onStatusChange, isPlain, never);
  useEffect(() => {
    if (ready || plain) replay();
  }, [ready, plain]);
  return children ?? null;
}

function replay() {
  const early = window.coursebookEarly;
  if (!early) return;
  delete window.coursebookEarly;
  early.stop();
  for (const field of early.changed) if (field.isConnected) replayInput(field);
  early.pressed?.removeAttribute("aria-disabled");
  if (early.pressed?.isConnected) early.pressed.click();
}

// React compares a field with its value at hydration, so a plain event about text that was typed
// before would be ignored as unchanged.
function replayInput(field) {
  if (field.type === "checkbox") {
    field.checked = !field.checked;
    field.click();
    return;
  }
  const typed = field.value;
  const { selectionStart, selectionEnd } = field;
  field.value = field.defaultValue ?? typed;
  const { set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value");
  set.call(field, typed);
  if (selectionStart != null) field.setSelectionRange(selectionStart, selectionEnd);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
