import { OF_THE_TAB, isOfBrowser } from "$/utils/reflex_names.js";

// The current page of this tab, and whether a navigation is under way. An event that was created on
// one page is not sent from another; an answer that names its page has no effect on another.
const made = new WeakMap(); // event → path of the page that it was created on
let isLeaving = false;

export const leaving = (is) => (isLeaving = is);
export const isLeft = () => isLeaving;

const path = () => window.location.pathname.replace(/(.)\/$/, "$1");

// Records the page on which an event is created.
export function madeHere(event) {
  if (typeof window !== "undefined" && !OF_THE_TAB.test(event.name)) made.set(event, path());
  return event;
}

// Tells whether this tab is on `page` (a path, or path and query) and no navigation is under way.
export function isAt(page) {
  const here = page.includes("?") ? path() + window.location.search : path();
  return here === page && !isLeaving;
}

// Tells whether an event may take effect now; for all events, in both directions.
export function belongs(event) {
  if (isOfBrowser(event)) {
    return event.payload?.page === undefined || isAt(event.payload.page);
  }
  return !made.has(event) || made.get(event) === path();
}
