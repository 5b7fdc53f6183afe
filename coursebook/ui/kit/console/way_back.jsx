// The way back in the console: after Back, the focus returns to the link or the menu by which the
// person had left the page.
import { useEffect, useRef } from "react";
import { useLocation, useNavigate, useNavigationType } from "react-router";
import { arrival, heading, plain, trail, whenThere } from "$/public/external/coursebook/ui/kit/focus/focus.jsx";

const place = () => window.history.state?.idx;

// By its place in the history: a selector of the link by which a page was left, or of the button of
// the menu that the link was in.
const openers = {};
let kind = "";

function remember(event) {
  const link = event.target.closest?.("main a[href]");
  if (!link || place() === undefined) return;
  const menu = link.closest("[popover]");
  openers[place()] = menu
    ? `[popovertarget="${CSS.escape(menu.id)}"]`
    : `main a[href="${CSS.escape(link.getAttribute("href"))}"]`;
}

// Focuses the opener when it is there, unless the focus has left the heading, which may have become
// another one while the page was read.
function reopen() {
  const opener = kind === "POP" && openers[place()];
  if (!opener) return undefined;
  return whenThere(
    () => document.querySelector(opener),
    (element) => {
      if (![heading(), document.body].includes(document.activeElement)) return;
      element.focus({ preventScroll: true });
      element.scrollIntoView({ block: "nearest" });
    },
  );
}

export function WayBack() {
  useLocation(); // renders this at every navigation
  kind = useNavigationType();
  useEffect(() => {
    arrival.next = reopen;
    document.addEventListener("click", remember, true);
    return () => document.removeEventListener("click", remember, true);
  }, []);
  return null;
}

// Goes back when `stamp` changes, if the page before is `path`.
export function BackTo({ path, stamp }) {
  const navigate = useNavigate();
  const lastStamp = useRef(stamp);
  useEffect(() => {
    if (lastStamp.current === stamp) return;
    lastStamp.current = stamp;
    const before = trail[place() - 1];
    if (path && before?.split("?")[0] === plain(path)) navigate(-1);
  }, [stamp]);
  return null;
}
