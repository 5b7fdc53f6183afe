// After a navigation, focuses the new page's heading and announces its title, as a browser does for
// a page load. After Back it focuses the link or the menu by which the visitor had left. When the focused element is removed, the focus moves to the heading, not to the
// body, where the next Tab would start at the top.
import { createElement, useEffect, useRef, useState } from "react";
import { Link, useLocation, useNavigate, useNavigationType } from "react-router";

const LISTS = ["/", "/courses"];
const PATIENCE = 10000; // milliseconds to wait for the heading of a page
const heading = () => document.querySelector("main h1");
const plain = (path) => path.replace(/\/+$/, "") || "/";

function focus(element) {
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

// After a sign-in the page before it would be in the history twice, and Back would need two clicks:
// skip the second entry.
const trail = {}; // place in the history -> address
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

// How the visitor left a page, by its place in the history: a selector of the link, or of the button
// of the menu that the link was in.
const openers = {};

function rememberOpener(event) {
  const link = event.target.closest?.("main a[href]");
  const place = window.history.state?.idx;
  if (!link || place === undefined) return;
  const menu = link.closest("[popover]");
  openers[place] = menu
    ? `[popovertarget="${CSS.escape(menu.id)}"]`
    : `main a[href="${CSS.escape(link.getAttribute("href"))}"]`;
}

// Calls `done` with what `find` finds, as soon as it is there; returns a cancel function.
function whenThere(find, done) {
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

// Focuses the opener when it is there, unless the focus has left the heading, which may have become
// another one while the page was read.
const reopen = (opener) =>
  whenThere(
    () => document.querySelector(opener),
    (element) => {
      if (![heading(), document.body].includes(document.activeElement)) return;
      element.focus({ preventScroll: true });
      element.scrollIntoView({ block: "nearest" });
    },
  );

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
  const isBack = useNavigationType() === "POP";
  useOneEntry();
  if (before.current !== path) {
    const element = heading(); // still the heading of the page before: nothing is rendered yet
    old.current = { element, text: element?.textContent };
  }
  useEffect(rescue, []);
  useEffect(() => {
    document.addEventListener("click", rememberOpener, true);
    return () => document.removeEventListener("click", rememberOpener, true);
  }, []);
  useEffect(() => {
    if (before.current === path) return undefined;
    before.current = path;
    const focused = document.activeElement;
    const opener = isBack && openers[window.history.state?.idx];
    let timer;
    let stopOpener;
    const find = () => newHeading(old.current);
    const stop = whenThere(find, (element) => {
      const now = document.activeElement;
      if (now === focused || now === document.body) focus(element);
      if (opener) stopOpener = reopen(opener);
      timer = setTimeout(() => setTitle(document.title), 100); // React writes it a little later
    });
    return () => {
      stop();
      stopOpener?.();
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

// Goes back when `stamp` changes, if the page before is `path`.
export function BackTo({ path, stamp }) {
  const navigate = useNavigate();
  const lastStamp = useRef(stamp);
  useEffect(() => {
    if (lastStamp.current === stamp) return;
    lastStamp.current = stamp;
    const before = trail[window.history.state?.idx - 1];
    if (path && before?.split("?")[0] === plain(path)) navigate(-1);
  }, [stamp]);
  return null;
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
