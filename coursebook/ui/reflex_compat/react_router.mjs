// Access of server.mjs and shells.mjs to a build of React Router (build/server/index.js).
process.env.IS_RR_BUILD_REQUEST = "yes"; // else React Router does not look at the header below
// The page of every address without its own static page.
export const FALLBACK = { path: "/", file: "404.html", headers: { "X-React-Router-SPA-Mode": "yes" } };
// The page of every address that no page has.
export const UNKNOWN = { path: "/unknown/page", file: "unknown.html" };
const MODE = "production";

const made = (build) => build.entry.module.createRequestHandler(build, MODE);

// Renders as the build did: static pages, and the fallback.
export const staticHandler = made;

// Renders the page of any address, although the build was made without a server.
export const everyPageHandler = (build) =>
  made({ ...build, ssr: true, isSpaMode: false, prerender: [] });

const PARAMETER = /:\w+/g;
const patterns = (build) =>
  Object.values(build.routes)
    .map((route) => route.path ?? "")
    .filter((path) => !path.includes("*"));
const sample = (path) => `/${path.replaceAll(PARAMETER, "x")}`;

// The paths of all pages, with "x" for their parameters, without the page of unknown addresses.
export const samplePaths = (build) => patterns(build).map(sample);

// Finds that of the page at an address, as React Router does: a page without parameters first.
export function sampleFinder(build) {
  const count = (pattern) => pattern.match(PARAMETER)?.length ?? 0;
  const pages = patterns(build)
    .sort((one, other) => count(one) - count(other))
    .map((pattern) => ({
      path: sample(pattern),
      address: new RegExp(`^/${pattern.replaceAll(PARAMETER, "[^/]+")}/?$`),
    }));
  return (url) => {
    const address = url.replace(/[?#].*$/, "");
    return pages.find((page) => page.address.test(address))?.path ?? UNKNOWN.path;
  };
}

// Pages of the console load the list of all routes, others that of the students' (route_manifest.py).
const ROUTES = "/assets/manifest-";
const WHOLE_ROUTES = "/assets/console-manifest-";
export const isOfConsole = (path) => /^\/manage(\/|$)/.test(path);
export const withRoutes = (path, html) =>
  isOfConsole(path) ? html.replaceAll(ROUTES, WHOLE_ROUTES) : html;
