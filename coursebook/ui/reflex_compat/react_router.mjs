// Access of server.mjs and shells.mjs to a build of React Router (build/server/index.js).
process.env.IS_RR_BUILD_REQUEST = "yes"; // else React Router does not look at the header below
// The page of every address without its own static page.
export const FALLBACK = { path: "/", file: "404.html", headers: { "X-React-Router-SPA-Mode": "yes" } };
const MODE = "production";

const made = (build) => build.entry.module.createRequestHandler(build, MODE);

// Renders as the build did: static pages, and the fallback.
export const staticHandler = made;

// Renders the page of any address, although the build was made without a server.
export const everyPageHandler = (build) =>
  made({ ...build, ssr: true, isSpaMode: false, prerender: [] });

// The paths of all pages, with "x" for their parameters, without the page of unknown addresses.
export const samplePaths = (build) =>
  Object.values(build.routes)
    .map((route) => route.path ?? "")
    .filter((path) => !path.includes("*"))
    .map((path) => `/${path.replaceAll(/:\w+/g, "x")}`);

// The paths of the pages without parameters, as their static pages have them.
export const staticPaths = (build) =>
  Object.values(build.routes)
    .map((route) => route.path ?? "")
    .filter((path) => !/[*:]/.test(path))
    .map((path) => (path ? `/${path}/` : "/"));
