// After a navigation, focuses the new page's heading and announces its title, as a browser does for
// a page load. When the focused element is removed, the focus moves to the heading, not to the body,
// where the next Tab would start at the top.
import { createElement, useEffect, useRef, useState } from "react";
import { Link, useLocation, useNavigate, useNavigationType } from "react-router";

const LISTS = ["/", "/courses"];
const PATIENCE = 10000; // milliseconds to wait for the heading of a page
export const heading = () => document.querySelector("main h1");
export const plain = (path) => path.replace(/\/+$/, "") || "/";

function focus(element) {
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

// After a sign-in the page before it would be in the history twice, and Back would need two clicks:
// skip the second entry.
export const trail = {}; // place in the history -> address
let list = ""; // the last visited list, with its filters

function useOneEntry() {
  const { pathname, search, key } = useLocation();
  const navigate = useNavigate();
  const kind = useNavigationType();
  useEffect(() => {
    const place = window.history.state?.idx;
    const address = plain(pathname) + search;
    const was = trail[place];
    trail[place] = address;
    if (LISTS.includes(plain(pathname))) list = search ? address : "";
    const isBack = kind === "REPLACE" && was?.startsWith("/sign-in");
    if (isBack && trail[place - 1] === address) navigate(-1);
  }, [key]);
}

// `next` is called when the new heading has the focus, and returns a cancel function.
export const arrival = {};

// Calls `done` with what `find` finds, as soon as it is there; returns a cancel function.
export function whenThere(find, done) {
  let observer;
  const timer = setTimeout(() => stop(), PATIENCE);
  const stop = () => {
    clearTimeout(timer);
    observer?.disconnect();
  };
  const look = () => {
    const element = find();
    if (!element) return;
    stop();
    done(element);
  };
  observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  look();
  return stop;
}

// The heading as soon as it differs from `old`.
const newHeading = (old) => {
  const element = heading();
  return element && (element !== old.element || element.textContent !== old.text) ? element : null;
};

// Focuses the heading when the focused element is removed from the page.
function rescue() {
  let last = null;
  const remember = (event) => (last = event.target);
  const look = () => {
    if (!last || last.isConnected || document.activeElement !== document.body) return;
    const element = heading();
    if (!element) return;
    last = null;
    focus(element);
  };
  document.addEventListener("focusin", remember);
  document.addEventListener("pointerdown", look);
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener("focusin", remember);
    document.removeEventListener("pointerdown", look);
    observer.disconnect();
  };
}

export function RouteFocus({ children, ...rest }) {
  const path = plain(useLocation().pathname);
  const before = useRef(path);
  const old = useRef({});
  const [title, setTitle] = useState("");
  useOneEntry();
  if (before.current !== path) {
    const element = heading(); // still the heading of the page before: nothing is rendered yet
    old.current = { element, text: element?.textContent };
  }
  useEffect(rescue, []);
  useEffect(() => {
    if (before.current === path) return undefined;
    before.current = path;
    const focused = document.activeElement;
    let timer;
    let stopNext;
    const find = () => newHeading(old.current);
    const stop = whenThere(find, (element) => {
      const now = document.activeElement;
      if (now === focused || now === document.body) focus(element);
      stopNext = arrival.next?.();
      timer = setTimeout(() => setTitle(document.title), 100); // React writes it a little later
    });
    return () => {
      stop();
      stopNext?.();
      clearTimeout(timer);
    };
  }, [path]);
  return createElement("div", { ...rest, role: "status", "aria-live": "polite" }, title);
}

// A link to the last visited list. After a full page load there is none.
export function LinkToList({ to, children, ...rest }) {
  return createElement(Link, { ...rest, to: list || to }, children);
}

// Calls `onLeft` when the visitor leaves the page that rendered it.
export function OnThisPage({ onLeft, children }) {
  const { pathname } = useLocation();
  const first = useRef(pathname);
  useEffect(() => {
    if (first.current !== pathname) onLeft?.();
  }, [pathname]);
  return first.current === pathname ? children : null;
}

// Focuses the element with the id `target`, scrolled to the middle of the screen, whenever `stamp`
// changes, and with `isOpen` as soon as it is rendered.
export function FocusOn({ target, stamp, isOpen, children }) {
  const lastStamp = useRef(isOpen ? null : stamp);
  useEffect(() => {
    if (lastStamp.current === stamp) return;
    lastStamp.current = stamp;
    const element = document.getElementById(target);
    if (!element) return;
    focus(element);
    element.scrollIntoView({ block: "center" });
  }, [stamp, target]);
  return children ?? null;
}
