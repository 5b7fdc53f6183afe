// The routes of the build, as React Router keeps them in the browser.
const ANY_ADDRESS = "*"; // the route of an unknown page
const CONSOLE = /^\/manage(\/|$)/;

const routes = () => Object.values(window.__reactRouterManifest?.routes ?? {});

export function modulesOfPages() {
  const pages = routes().filter((route) => route.path !== ANY_ADDRESS);
  return new Set(pages.flatMap(({ module, imports = [] }) => [module, ...imports]));
}

// Whether this document may know the page at a path: those of the console are in the list of routes
// of its own documents only (route_manifest.py).
export function hasRoutesOf(path) {
  return !CONSOLE.test(path) || routes().some((route) => CONSOLE.test(`/${route.path}`));
}
