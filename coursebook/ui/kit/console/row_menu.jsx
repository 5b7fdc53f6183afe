// The list of a row's menu: a popover of the browser. Whatever is chosen in it closes it, and the
// focus goes back to the button that opened it. Arrow keys move between its entries. A lazy one has
// no entries in the page while it is closed: a long list has hundreds of menus.
import { createElement, useRef, useState } from "react";
import { flushSync } from "react-dom";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export function MenuPopover({ children, isLazy, ...rest }) {
  const menu = useRef(null);
  const [isOpen, setIsOpen] = useState(false);
  const onClick = (event) => {
    if (event.target.closest("a, button")) menu.current.hidePopover();
  };
  const onKeyDown = (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const entries = [...menu.current.querySelectorAll("a, button")];
    const place = entries.indexOf(document.activeElement) + step;
    entries[(place + entries.length) % entries.length]?.focus();
  };
  const onBeforeToggle = (event) => {
    if (isLazy && event.newState === "open") flushSync(() => setIsOpen(true));
  };
  const onToggle = (event) => {
    if (event.newState === "open") menu.current.querySelector("a, button")?.focus();
    else setIsOpen(false);
  };
  const on = { onBeforeToggle, onClick, onKeyDown, onToggle };
  const props = { ...rest, ...on, ref: menu, popover: "auto" };
  return createElement("div", props, !isLazy || isOpen ? children : null);
}
