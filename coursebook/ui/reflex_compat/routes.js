// The routes of the build, as React Router keeps them in the browser.
const ANY_ADDRESS = "*"; // the route of an unknown page

export function modulesOfPages() {
  const routes = Object.values(window.__reactRouterManifest?.routes ?? {});
  const pages = routes.filter((route) => route.path !== ANY_ADDRESS);
  return new Set(pages.flatMap(({ module, imports = [] }) => [module, ...imports]));
}
