// Bundles the pages again and again while they are developed: node bundler.mjs, in the web folder.
//
// Each line of the input is a build: {"shells": [...], "languages": [...]}. Each line of the output
// is its result: {"error": "", "memory": bytes}. It does what `react-router build` and Reflex do after compiling; all
// static pages are rendered by shells.mjs.
//
// A process that stays has Vite in memory, and remembers what the plugins of React Router made of
// each module: they parse every module with Babel, which is most of the time of a build.
import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";

const ROOT = process.cwd();
const BUILD = join(ROOT, "build");
const CLIENT = join(BUILD, "client");
const SERVER = join(BUILD, "server", "index.js");
const SHELLS = new URL("../ssr/shells.mjs", import.meta.url);
const INDEX = "index.html";
const OURS = "react-router";

process.env.NODE_ENV = "production";
const vite = await import(createRequire(join(ROOT, "package.json")).resolve("vite"));

const results = new Map();

function remembering(name, transform) {
  return async function (code, id, options) {
    const key = `${name} ${this.environment.name} ${id}`;
    const known = results.get(key);
    if (known?.code === code) return known.result;
    const made = await transform.call(this, code, id, options);
    // Without the source map, which is large and unused.
    const result = typeof made === "string" ? made : made && { code: made.code, map: null };
    results.set(key, { code, result });
    return result;
  };
}

// A plugin that is told of all plugins, and lets those of React Router remember their results.
const memory = {
  name: "memory",
  configResolved({ plugins }) {
    for (const plugin of plugins) {
      if (!plugin.name.startsWith(OURS) || !plugin.transform) continue;
      if (typeof plugin.transform === "function") {
        plugin.transform = remembering(plugin.name, plugin.transform);
      } else {
        plugin.transform.handler = remembering(plugin.name, plugin.transform.handler);
      }
    }
  },
};

// Reflex: /courses and /courses/ are the same page.
function copyIndexes(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith("_")) continue; // "_de": other languages
    const index = join(folder, entry.name, INDEX);
    const copy = join(folder, `${entry.name}.html`);
    if (existsSync(index) && !existsSync(copy)) cpSync(index, copy);
    copyIndexes(join(folder, entry.name));
  }
}

// In a thread of its own, which forgets the pages of this build when it ends.
function renderShells(shells, languages) {
  const argv = [SERVER, CLIENT, JSON.stringify(shells), ...languages];
  return new Promise((resolve, reject) => {
    const worker = new Worker(SHELLS, { argv });
    worker.on("error", reject);
    worker.on("exit", (code) => (code ? reject(new Error(`shells.mjs: ${code}`)) : resolve()));
  });
}

async function bundle({ shells, languages }) {
  rmSync(BUILD, { recursive: true, force: true });
  const builder = await vite.createBuilder({
    root: ROOT,
    mode: "production",
    configFile: join(ROOT, "vite.config.js"),
    logLevel: "error",
    plugins: [memory],
  });
  await builder.build(builder.environments.client);
  await builder.build(builder.environments.ssr);
  await renderShells(shells, languages);
  copyIndexes(CLIENT);
}

// The output is for results alone.
console.log = console.info = console.warn = console.error;
for await (const line of createInterface({ input: process.stdin })) {
  let error = "";
  try {
    await bundle(JSON.parse(line));
  } catch (failure) {
    error = failure?.message ?? String(failure);
  }
  const memory = process.memoryUsage().rss;
  process.stdout.write(`${JSON.stringify({ error, memory })}\n`);
}
