import { OF_THE_TAB, isOfBrowser } from "$/utils/reflex_names.js";

// Which page this tab is on, and whether somebody is leaving it. An event that was made on one page
// is not sent from another; an answer that names its page has no effect on another.
const made = new WeakMap(); // event → path of the page that it was made on
let isLeaving = false;

export const leaving = (is) => (isLeaving = is);
export const isLeft = () => isLeaving;

const path = () => window.location.pathname.replace(/(.)\/$/, "$1");

// Notes the page on which an event comes into being.
export function madeHere(event) {
  if (typeof window !== "undefined" && !OF_THE_TAB.test(event.name)) made.set(event, path());
  return event;
}

// Tells whether this tab is on `page`, and stays: a path, with a query when that names the page too.
export function isAt(page) {
  const here = page.includes("?") ? path() + window.location.search : path();
  return here === page && !isLeaving;
}

// Tells whether an event may have its effect now: the question for all events, both ways.
export function belongs(event) {
  if (isOfBrowser(event)) {
    return event.payload?.page === undefined || isAt(event.payload.page);
  }
  return !made.has(event) || made.get(event) === path();
}
