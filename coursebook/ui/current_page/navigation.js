import { OF_THE_TAB, isOfBrowser } from "$/utils/reflex_names.js";
import { pathOfNavigation } from "$/utils/routes.js";

// The current page of this tab, and whether a navigation is under way. An event that was created on
// one page is not sent from another; an answer that names its page has no effect on another.
const pageOfEvent = new WeakMap(); // event → path of the page that it was created on

// Tells whether another page was asked for and has not come yet: its code may load slowly.
export function isNavigating() {
  const path = pathOfNavigation();
  return path !== undefined && path !== window.location.pathname;
}

const currentPath = () => window.location.pathname.replace(/(.)\/$/, "$1");

// Records the page on which an event is created.
export function rememberPage(event) {
  if (typeof window !== "undefined" && !OF_THE_TAB.test(event.name)) pageOfEvent.set(event, currentPath());
  return event;
}

// Tells whether this tab is on `page` (a path, or path and query) and no navigation is under way.
export function isAt(page) {
  const here = page.includes("?") ? currentPath() + window.location.search : currentPath();
  return here === page && !isNavigating();
}

// Tells whether an event may take effect now; for all events, in both directions.
export function isForThisPage(event) {
  if (isOfBrowser(event)) {
    return event.payload?.page === undefined || isAt(event.payload.page);
  }
  return !pageOfEvent.has(event) || pageOfEvent.get(event) === currentPath();
}
