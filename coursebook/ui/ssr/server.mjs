// Renders pages: node server.mjs BUILD SOCKET
//
// POST {url, language, state, head, words} over the unix socket returns the page with that state.
// `words` are the texts that differ from the built ones. The body is the page in brotli, then the plain page; X-Brotli-Length is the length of the first.
// X-Scripts lists the hashes of the inline scripts that the page may run: those that are scripts of
// this build. They are read from the same page without content, so that user input can never be
// among them: at startup, or for a build that is developed when the page is asked for.
// X-Styles is the hash of the style sheet inside the page.
import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import { existsSync, rmSync, writeFile } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompress, constants } from "node:zlib";
import { promisify } from "node:util";
import { loadCatalogs } from "./catalogs.mjs";
import { sharedSheet, withData, withSheet } from "./first_paint.mjs";
import {
  FALLBACK,
  UNKNOWN,
  everyPageHandler,
  sampleFinder,
  samplePaths,
  staticHandler,
  withRoutes,
} from "../reflex_compat/react_router.mjs";

const MAX_BYTES = 2_000_000;
// The address of the fallback, which is asked for while pages are developed (drawn_shells.py).
const STATIC = `/${FALLBACK.file}`;
// The page is readable without its scripts; they must not delay style, font and picture.
const PRELOAD = '<link rel="modulepreload" ';
const PRELOAD_LATER = `${PRELOAD}fetchpriority="low" `;
// Scripts that a browser executes; data, such as the page's texts, is not among them.
const INLINE = /<script(?![^>]*(?:\bsrc=|\/json"))[^>]*>([^]*?)<\/script>/g;
// A page fits in 2^17 bytes. Brotli's default window of 4 MB costs more time than the rendering.
const WINDOW = 17;
// The next levels save less than one byte in a hundred, and 9 takes ten times as long.
const QUALITY = 7;
const compress = promisify(brotliCompress);
const states = (globalThis.__coursebookStates = new AsyncLocalStorage());

const [build, socket] = process.argv.slice(2);
loadCatalogs(build);
const client = join(dirname(build), "../client");
const hasStaticPages = existsSync(join(client, "index.html")); // one for development has none
const sheet = sharedSheet(client);
const built = await import(pathToFileURL(build).href);
const handle = everyPageHandler(built);
const handleStatic = staticHandler(built);

async function render(url, language, state, words) {
  const rendering = { language, state, words, merged: new Map(), html: "" };
  await states.run(rendering, async () => {
    const answer = url === STATIC
      ? await handleStatic(new Request(`http://localhost${FALLBACK.path}`, FALLBACK))
      : await handle(new Request(`http://localhost${url}`));
    if (answer.status !== 200) throw new Error(`The page answered ${answer.status}.`);
  });
  return withRoutes(url.split("?")[0], rendering.html); // put there by entry.server.jsx
}

async function page({ url, language, state, head, words }) {
  const html = await render(url, language, state, words);
  // Data, not script. A "<" could end it early; as an escape it is the same text.
  const json = JSON.stringify(state).replaceAll("<", "\\u003c");
  const data = `<script type="application/json" id="coursebook-state">${json}</script>`;
  const whole = withSheet(withData(html, head, data), sheet).replaceAll(PRELOAD, PRELOAD_LATER);
  const scripts = await scriptsOf(url);
  const allowed = [...scripts].filter(([text]) => html.includes(text)).map(([, name]) => name);
  return { html: Buffer.from(whole), allowed: allowed.join(" ") };
}

const known = new Map();
const samplePathOf = sampleFinder(built);
async function scriptsOf(url) {
  const path = url === STATIC ? STATIC : samplePathOf(url);
  if (!known.has(path)) known.set(path, hashesOf(await render(path, "en", {}, {})));
  return known.get(path);
}

const hashesOf = (html) =>
  new Map(
    [...html.matchAll(INLINE)].map(([, text]) => [
      text,
      `sha256-${createHash("sha256").update(text).digest("base64")}`,
    ]),
  );

async function read(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    if ((length += part.length) > MAX_BYTES) throw new Error("That is too much for one page.");
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString());
}

if (hasStaticPages) {
  for (const path of [...samplePaths(built), UNKNOWN.path, STATIC]) await scriptsOf(path);
}
const server = createServer(async (request, response) => {
  try {
    const { html, allowed } = await page(await read(request));
    const small = await compress(html, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: QUALITY,
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        [constants.BROTLI_PARAM_SIZE_HINT]: html.length,
        [constants.BROTLI_PARAM_LGWIN]: WINDOW,
      },
    });
    response.writeHead(200, {
      "X-Brotli-Length": small.length,
      "X-Scripts": allowed,
      "X-Styles": sheet.hash,
    });
    response.end(Buffer.concat([small, html]));
  } catch (error) {
    response.writeHead(500, { "Content-Type": "text/plain" });
    response.end(String(error?.message ?? error).slice(0, 500));
  }
});

// Exit with the parent process where the kernel does not do that (macOS).
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(), 1000).unref();

// An old file shows the supervisor that this loop hangs (coursebook/run/supervisor/heartbeats.py).
const sign = join(dirname(socket), "beats", String(process.pid));
const beat = () => writeFile(sign, "", () => {});
setInterval(beat, 2000).unref();

process.umask(0o077);
beat();
rmSync(socket, { force: true });
server.keepAliveTimeout = 60_000;
server.listen(socket);
