// Renders the static pages in every language: node shells.mjs BUILD CLIENT SHELLS LANGUAGE…
// or, in a copy of a build, with the texts of catalogs.json: node shells.mjs BUILD CLIENT --again
// The first language is that of the build. For each it also renders the 404 page and the private
// pages with parameters, which the build leaves without content: SHELLS is their list in JSON, each
// with a sample `path` and the name of its `file`.
//
// `make run` has rendered the pages in English, a build for development none. Each language gets the same files in its own folder,
// such as _de/bookings/index.html. What is rendered again is compressed again too.
import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { loadCatalogs } from "./catalogs.mjs";
import { FALLBACK, everyPageHandler, staticHandler, staticPaths } from "../reflex_compat/react_router.mjs";

const states = (globalThis.__coursebookStates = new AsyncLocalStorage());
const [build, client, ...words] = process.argv.slice(2);
const isAgain = words[0] === "--again";
const list = join(dirname(build), "shells.json");
if (!isAgain) writeFileSync(list, words[0]);
const [first, ...others] = isAgain ? loadCatalogs(build) : words.slice(1);
const built = await import(pathToFileURL(build).href);
const draw = staticHandler(built);

const INDEX = "index.html";
// A build for development has no compressed files; a new one is compressed after this.
const isCompressed = isAgain && existsSync(join(client, `${INDEX}.br`));
const isRendered = existsSync(join(client, INDEX));
const rendered = () =>
  readdirSync(client, { recursive: true })
    .filter((file) => file === INDEX || (file.endsWith(`/${INDEX}`) && !file.startsWith("_")))
    .map((file) => `/${file.slice(0, -INDEX.length)}`);
const pages = (isRendered ? rendered() : staticPaths(built)).map((path) => ({
  path,
  file: `${path.slice(1)}${INDEX}`,
  headers: {},
}));

const drawWhole = everyPageHandler(built);
const shells = JSON.parse(readFileSync(list, "utf8"));
const WHOLE = [{ path: "/unknown/page", file: "unknown.html" }, ...shells].map((page) => ({
  ...page,
  headers: {},
  by: drawWhole,
}));

// Pages of the console load the list of all routes, others that of the students' (route_manifest.py).
const ROUTES = "/assets/manifest-";
const WHOLE_ROUTES = "/assets/console-manifest-";
const ofConsole = (path) => /^\/manage(\/|$)/.test(path);
const withRoutes = (path, html) => (ofConsole(path) ? html.replaceAll(ROUTES, WHOLE_ROUTES) : html);

async function write(language, folder, { path, file, headers, by = draw }) {
  const html = await states.run({ language, state: {}, merged: new Map() }, async () => {
    const answer = await by(new Request(`http://localhost${path}`, { headers }));
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}.`);
    return withRoutes(path, await answer.text());
  });
  const target = join(client, folder, file);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, html);
  if (!isCompressed) return;
  writeFileSync(`${target}.br`, brotliCompressSync(html));
  writeFileSync(`${target}.gz`, gzipSync(html, { level: 9 }));
}

if (!isAgain && isRendered) {
  for (const { path, file } of pages.filter((page) => ofConsole(page.path))) {
    const target = join(client, file);
    writeFileSync(target, withRoutes(path, readFileSync(target, "utf8")));
  }
}
const everything = [...pages, FALLBACK, ...WHOLE];
for (const page of isAgain || !isRendered ? everything : WHOLE) await write(first, "", page);
for (const language of others) {
  for (const page of everything) await write(language, `_${language}`, page);
}
