// Does once what record.js kept, as soon as somebody is there who acts on it.
import { useEffect, useSyncExternalStore } from "react";
import { isPlain, listenToLine } from "$/utils/line.js";

const never = () => false;

// Where the socket is refused, a press finds another way (line.js).
export function EarlyHands({ ready, children }) {
  const plain = useSyncExternalStore(listenToLine, isPlain, never);
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
  for (const field of early.changed) if (field.isConnected) tell(field);
  early.pressed?.removeAttribute("aria-disabled");
  if (early.pressed?.isConnected) early.pressed.click();
}

// React compares a field with what it found there when it took over, so a plain event about a
// text that was typed before would tell it nothing new.
function tell(field) {
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
