// A native modal dialog that follows a prop: the browser gives focus trap, Escape and focus return.
import { createElement, useEffect, useRef } from "react";

// What carries `data-closes` closes it without asking anybody. `stamp` is a new one for each
// opening: a dialog that was closed here may still count as open there. Closing names the opening it
// is about, and says nothing once the dialog is open again: the browser may report it after the key
// that asks to open it, and even after the answer.
export function ModalDialog({ isOpen, stamp, onClosed, children, ...rest }) {
  const dialog = useRef(null);
  const onClick = (event) => event.target.closest("[data-closes]") && dialog.current.close();
  useEffect(() => {
    const it = dialog.current;
    if (isOpen && !it.open) it.showModal();
    if (!isOpen && it.open) it.close();
  }, [isOpen, stamp]);
  const onClose = () => dialog.current.open || onClosed?.(stamp);
  const props = { ...rest, ref: dialog, onClick, onClose };
  return createElement("dialog", props, children);
}
