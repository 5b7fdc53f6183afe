// The list of a row's menu: a popover of the browser. Whatever is chosen in it closes it, and the
// focus goes back to the button that opened it. Arrow keys move between its entries.
import { createElement, useRef } from "react";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export function MenuPopover({ children, ...rest }) {
  const menu = useRef(null);
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
  const onToggle = (event) => {
    if (event.newState === "open") menu.current.querySelector("a, button")?.focus();
  };
  const props = { ...rest, ref: menu, popover: "auto", onClick, onKeyDown, onToggle };
  return createElement("div", props, children);
}
