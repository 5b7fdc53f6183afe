// A native modal dialog that follows a prop: the browser gives focus trap, Escape and focus return.
import { createElement, useEffect, useRef } from "react";

// An element with `data-closes` closes it without a server call. `stamp` differs for each opening: a
// dialog that was closed here may still be open on the server. The close event names its opening,
// and is dropped once the dialog is open again: the browser may fire it after the key that opens the
// dialog, and even after the answer.
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
