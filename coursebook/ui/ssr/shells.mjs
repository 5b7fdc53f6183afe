// Renders the static pages in other languages: node shells.mjs BUILD CLIENT SHELLS LANGUAGE…
// The first language is that of the build. For each it also renders the 404 page and the private
// pages with parameters, which the build leaves without content: SHELLS is their list in JSON, each
// with a sample `path` and the name of its `file`.
//
// The build has rendered the pages in English. Each language gets the same files in its own folder,
// such as _de/bookings/index.html.
import { AsyncLocalStorage } from "node:async_hooks";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { FALLBACK, everyPageHandler, staticHandler } from "../reflex_compat/react_router.mjs";

const states = (globalThis.__coursebookStates = new AsyncLocalStorage());
const [build, client, shells, first, ...others] = process.argv.slice(2);
const built = await import(pathToFileURL(build).href);
const draw = staticHandler(built);

const INDEX = "index.html";
const pages = readdirSync(client, { recursive: true })
  .filter((file) => file === INDEX || file.endsWith(`/${INDEX}`))
  .map((file) => ({ path: `/${file.slice(0, -INDEX.length)}`, file, headers: {} }));

const drawWhole = everyPageHandler(built);
const WHOLE = [{ path: "/unknown/page", file: "unknown.html" }, ...JSON.parse(shells)].map((page) => ({
  ...page,
  headers: {},
  by: drawWhole,
}));

async function write(language, folder, { path, file, headers, by = draw }) {
  const html = await states.run({ language, state: {}, merged: new Map() }, async () => {
    const answer = await by(new Request(`http://localhost${path}`, { headers }));
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}.`);
    return answer.text();
  });
  const target = join(client, folder, file);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, html);
}

for (const page of WHOLE) await write(first, "", page);
for (const language of others) {
  for (const page of [...pages, FALLBACK, ...WHOLE]) await write(language, `_${language}`, page);
}
