// Renders the static pages in every language: node shells.mjs BUILD CLIENT SHELLS LANGUAGE…
// or, in a copy of a build, with the texts of catalogs.json: node shells.mjs BUILD CLIENT --again
// The first language is that of the build. For each it also renders the 404 page and the private
// pages with parameters, which the build leaves without content: SHELLS is their list in JSON, each
// with a sample `path` and the name of its `file`.
//
// The build has rendered the pages in English. Each language gets the same files in its own folder,
// such as _de/bookings/index.html. Reflex has a copy of each page beside its folder, bookings.html,
// which follows. What is rendered again is compressed again too.
import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { loadCatalogs } from "./catalogs.mjs";
import {
  FALLBACK,
  UNKNOWN,
  everyPageHandler,
  isOfConsole,
  staticHandler,
  withRoutes,
} from "../reflex_compat/react_router.mjs";

const states = (globalThis.__coursebookStates = new AsyncLocalStorage());
const [build, client, ...words] = process.argv.slice(2);
const isAgain = words[0] === "--again";
const list = join(dirname(build), "shells.json");
if (!isAgain) writeFileSync(list, words[0]);
const [first, ...others] = isAgain ? loadCatalogs(build) : words.slice(1);
const built = await import(pathToFileURL(build).href);
const draw = staticHandler(built);

const INDEX = "index.html";
const isCompressed = existsSync(join(client, `${INDEX}.br`)); // a new build: after this
const rendered = readdirSync(client, { recursive: true })
  .filter((file) => file === INDEX || (file.endsWith(`/${INDEX}`) && !file.startsWith("_")))
  .map((file) => `/${file.slice(0, -INDEX.length)}`);
const pages = rendered.map((path) => ({ path, file: `${path.slice(1)}${INDEX}`, headers: {} }));

const drawWhole = everyPageHandler(built);
const shells = JSON.parse(readFileSync(list, "utf8"));
const WHOLE = [UNKNOWN, ...shells].map((page) => ({
  ...page,
  headers: {},
  by: drawWhole,
}));

async function write(language, folder, { path, file, headers, by = draw }) {
  const html = await states.run({ language, state: {}, merged: new Map() }, async () => {
    const answer = await by(new Request(`http://localhost${path}`, { headers }));
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}.`);
    return withRoutes(path, await answer.text());
  });
  put(join(client, folder, file), html);
}

function put(target, html) {
  mkdirSync(dirname(target), { recursive: true });
  for (const file of [target, `${dirname(target)}.html`].filter((it) => it === target || existsSync(it))) {
    writeFileSync(file, html);
    if (!isCompressed) continue;
    writeFileSync(`${file}.br`, brotliCompressSync(html));
    writeFileSync(`${file}.gz`, gzipSync(html, { level: 9 }));
  }
}

if (!isAgain) {
  for (const { path, file } of pages.filter((page) => isOfConsole(page.path))) {
    const target = join(client, file);
    put(target, withRoutes(path, readFileSync(target, "utf8")));
  }
}
const everything = [...pages, FALLBACK, ...WHOLE];
for (const page of isAgain ? everything : WHOLE) await write(first, "", page);
for (const language of others) {
  for (const page of everything) await write(language, `_${language}`, page);
}
