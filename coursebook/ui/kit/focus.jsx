// After a navigation the new page's heading gets the focus and its title is spoken, as a browser
// does it for a page that it loads. What has the focus and is taken away gives it to the heading,
// never to the body, from where the next Tab would begin at the top.
import { createElement, useEffect, useRef, useState } from "react";
import { Link, useLocation, useNavigate, useNavigationType } from "react-router";

const LISTS = ["/", "/courses"];
const PATIENCE = 10000; // milliseconds that a page may take to bring its heading
const heading = () => document.querySelector("main h1");
const plain = (path) => path.replace(/\/+$/, "") || "/";

function focus(element) {
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

// Who comes back from the sign-in to the page they left for it would have that page twice in the
// history, and press Back twice: the second one is left behind.
const trail = {}; // place in the history -> address
let list = ""; // the list that was seen last, with its filters

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

// Calls `done` with the heading as soon as it is another one than `old`; returns what ends it.
function whenNew(old, done) {
  let observer;
  const timer = setTimeout(() => stop(), PATIENCE);
  const stop = () => {
    clearTimeout(timer);
    observer?.disconnect();
  };
  const look = () => {
    const found = heading();
    if (!found || (found === old.element && found.textContent === old.text)) return;
    stop();
    done(found);
  };
  observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  look();
  return stop;
}

// Gives the focus to the heading when the element that has it leaves the page.
function rescue() {
  let last = null;
  const note = (event) => (last = event.target);
  const look = () => {
    if (!last || last.isConnected || document.activeElement !== document.body) return;
    const found = heading();
    if (!found) return;
    last = null;
    focus(found);
  };
  document.addEventListener("focusin", note);
  document.addEventListener("pointerdown", look);
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener("focusin", note);
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
    const element = heading(); // still that of the page before: nothing is drawn yet
    old.current = { element, text: element?.textContent };
  }
  useEffect(rescue, []);
  useEffect(() => {
    if (before.current === path) return undefined;
    before.current = path;
    const had = document.activeElement;
    let timer;
    const stop = whenNew(old.current, (found) => {
      const now = document.activeElement;
      if (now === had || now === document.body) focus(found);
      timer = setTimeout(() => setTitle(document.title), 100); // React writes it a little later
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [path]);
  return createElement("div", { ...rest, role: "status", "aria-live": "polite" }, title);
}

// Leads to the list as it was left. A page that the browser loads whole knows of none.
export function LinkToList({ to, children, ...rest }) {
  return createElement(Link, { ...rest, to: list || to }, children);
}

// Calls `onLeft` once the page is left on which it was drawn.
export function OnThisPage({ onLeft, children }) {
  const { pathname } = useLocation();
  const first = useRef(pathname);
  useEffect(() => {
    if (first.current !== pathname) onLeft?.();
  }, [pathname]);
  return first.current === pathname ? children : null;
}

// Gives the focus to the element with the id `target`, in the middle of the screen, whenever
// `stamp` is a new one.
export function FocusOn({ target, stamp, children }) {
  const seen = useRef(stamp);
  useEffect(() => {
    if (seen.current === stamp) return;
    seen.current = stamp;
    const element = document.getElementById(target);
    if (!element) return;
    focus(element);
    element.scrollIntoView({ block: "center" });
  }, [stamp, target]);
  return children ?? null;
}
