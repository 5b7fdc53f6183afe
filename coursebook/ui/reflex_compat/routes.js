// The routes of the build and the navigation, as React Router keeps them in the browser.
const ANY_ADDRESS = "*"; // the route of an unknown page
const CONSOLE = /^\/manage(\/|$)/;

const routes = () => Object.values(window.__reactRouterManifest?.routes ?? {});

// The path of the page that the router is loading. Not `useNavigation`: React renders that a moment
// after the click, and an answer may come in between.
export function pathOfNavigation() {
  return window.__reactRouterDataRouter?.state.navigation.location?.pathname;
}

export function modulesOfPages() {
  const pages = routes().filter((route) => route.path !== ANY_ADDRESS);
  return new Set(pages.flatMap(({ module, imports = [] }) => [module, ...imports]));
}

// Whether this document may know the page at a path: those of the console are in the list of routes
// of its own documents only (route_manifest.py).
export function hasRoutesOf(path) {
  return !CONSOLE.test(path) || routes().some((route) => CONSOLE.test(`/${route.path}`));
}
