// Does once what record.js kept, as soon as somebody is there who acts on it.
import { useEffect } from "react";

export function EarlyHands({ ready, children }) {
  useEffect(() => {
    if (ready) replay();
  }, [ready]);
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
