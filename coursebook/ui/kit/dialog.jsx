// A native modal dialog that follows a prop: the browser gives focus trap, Escape and focus return.
import { createElement, useEffect, useRef } from "react";

export function ModalDialog({ isOpen, onClosed, children, ...rest }) {
  const dialog = useRef(null);
  useEffect(() => {
    const it = dialog.current;
    if (isOpen && !it.open) it.showModal();
    if (!isOpen && it.open) it.close();
  }, [isOpen]);
  return createElement("dialog", { ...rest, ref: dialog, onClose: () => onClosed?.() }, children);
}
