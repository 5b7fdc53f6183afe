// Bundles compiled pages for development: what `react-router build` makes, without the time it takes.
//
// Vite and the plugin of React Router ask JavaScript about every import of every module, which is
// nearly all of the four seconds of a processor that they need. Here Rolldown, Vite's own bundler,
// gets the same settings and asks about style sheets and aliases only: 0.3 s for both bundles.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules, createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = process.cwd();
const APP = join(ROOT, "app");
const CLIENT = join(ROOT, "build", "client");
const SERVER = join(ROOT, "build", "server");
const CONFIG = join(ROOT, "vite.config.js");
const STYLED = "-for-some"; // the names of our plugins in Vite's config (bundle.py)
const SHEET = "?sheet";
const SHEET_URL = "?sheet-url";
const SERVER_BUILD = "coursebook:server";
const RELATIVE_URL = /url\(\s*(["']?)(?!data:|https?:|\/|#)([^"')]+)\1\s*\)/g;
const MANIFEST = "./manifest.json";
const PICTURES = ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "woff", "woff2", "ttf"];

const vitePath = createRequire(join(ROOT, "package.json")).resolve("vite");
const vite = await import(vitePath);
const fromVite = createRequire(vitePath);
const { rolldown } = await import(fromVite.resolve("rolldown"));
const { viteAliasPlugin } = await import(fromVite.resolve("rolldown/experimental"));

const short = (text) => createHash("sha256").update(text).digest("hex").slice(0, 8);
const nameOf = (file) => basename(file).replace(/\.(jsx?|css|\w{2,5})$/, "");
let runs = 0; // the list of routes reads the folder when it runs
const fresh = (file) => import(`${pathToFileURL(file)}?${(runs += 1)}`);

// Vite's own view of the config, read again when the file changes.
let known = { text: "", config: null };
async function viteConfig() {
  const text = readFileSync(CONFIG, "utf8");
  if (known.text !== text) {
    const options = { root: ROOT, mode: "production", configFile: CONFIG, logLevel: "error" };
    known = { text, config: await vite.resolveConfig(options, "build", "production") };
  }
  return known.config;
}

// The routes as React Router numbers them. Ours have no children.
async function readRoutes() {
  globalThis.__reactRouterAppDirectory = APP;
  const entries = await (await fresh(join(APP, "routes.js"))).default;
  const routes = entries.map(({ id, path, index, file }) => ({
    id: id ?? file.replace(/\.\w+$/, ""),
    parentId: "root",
    path,
    index,
    file: join(APP, file),
  }));
  return [{ id: "root", path: "", file: join(APP, "root.jsx") }, ...routes];
}

// Tailwind and PostCSS, through Vite, while Rolldown goes on: a sheet has the same address in every
// build, since nothing is cached. `made` has what writes each sheet of this build.
function beginSheet(file, config, made) {
  if (!made.has(file)) {
    const writing = writeSheet(file, config);
    writing.catch(() => {}); // `bundle` waits for it, and throws
    made.set(file, writing);
  }
}

async function writeSheet(file, config) {
  const { code } = await vite.preprocessCSS(readFileSync(file, "utf8"), file, config);
  const text = code.replace(RELATIVE_URL, (whole, quote, url) => {
    const source = join(dirname(file), url.replace(/[?#].*$/, ""));
    return existsSync(source) ? `url(${writeAsset(source, readFileSync(source))})` : whole;
  });
  write(addressOf(file, file), text);
}

function writeAsset(file, content) {
  return write(addressOf(file, content), content);
}

function addressOf(file, key) {
  return `/assets/${nameOf(file)}-${short(key)}${file.slice(file.lastIndexOf("."))}`;
}

function write(url, content) {
  mkdirSync(join(CLIENT, "assets"), { recursive: true });
  writeFileSync(join(CLIENT, url), content);
  return url;
}

// `import "x.css"` adds a sheet to the pages that load the module, `?url` is its address.
function sheets(config, made) {
  return {
    name: "sheets",
    resolveId: {
      filter: { id: /\.css(\?url)?$/ },
      async handler(source, importer) {
        const isUrl = source.endsWith("?url");
        const path = source.replace(/\?url$/, "");
        const resolved = await this.resolve(path, importer, { skipSelf: true });
        return resolved && { id: resolved.id + (isUrl ? SHEET_URL : SHEET), moduleSideEffects: true };
      },
    },
    load: {
      filter: { id: /\?sheet(-url)?$/ },
      handler(id) {
        const file = id.replace(/\?.*$/, "");
        beginSheet(file, config, made);
        const url = JSON.stringify(addressOf(file, file));
        return { code: id.endsWith(SHEET_URL) ? `export default ${url}` : "", moduleType: "js" };
      },
    },
  };
}

const virtual = (name, code) => ({
  name,
  resolveId: { filter: { id: new RegExp(`^${name}$`) }, handler: () => `\0${name}` },
  load: { filter: { id: new RegExp(`^\0${name}$`) }, handler: () => ({ code, moduleType: "js" }) },
});

function refuseUnresolved(_level, log) {
  if (log.code === "UNRESOLVED_IMPORT") throw new Error(log.message);
}

function options(config, { isServer, input, plugins }) {
  const place = isServer ? ["node"] : ["browser"];
  const env = { MODE: "production", BASE_URL: "/", DEV: false, PROD: true, SSR: isServer };
  const define = Object.entries(env).map(([key, value]) => [
    `import.meta.env.${key}`,
    JSON.stringify(value),
  ]);
  return {
    input,
    cwd: ROOT,
    logLevel: "warn",
    onLog: refuseUnresolved,
    platform: isServer ? "node" : "browser",
    external: isServer ? [/^node:/, ...builtinModules] : undefined,
    preserveEntrySignatures: "exports-only",
    plugins: [
      viteAliasPlugin({ entries: config.resolve.alias }),
      ...config.plugins.filter(({ name }) => name.endsWith(STYLED)),
      ...plugins,
    ],
    moduleTypes: Object.fromEntries(PICTURES.map((ending) => [`.${ending}`, "asset"])),
    resolve: {
      mainFields: [...config.resolve.mainFields, "main"], // Vite adds it by itself
      aliasFields: [["browser"]],
      conditionNames: ["module", ...place, "production"],
    },
    transform: {
      jsx: { runtime: "automatic", development: false },
      define: {
        "process.env.NODE_ENV": '"production"',
        ...(isServer ? {} : { "process.env": "{}" }),
        "import.meta.hot": "undefined",
        "import.meta.env": JSON.stringify(env),
        ...Object.fromEntries(define),
      },
    },
  };
}

async function written(inputOptions, outputOptions) {
  const bundle = await rolldown(inputOptions);
  try {
    return (await bundle.write({ format: "esm", ...outputOptions })).output;
  } finally {
    await bundle.close();
  }
}

async function buildClient(config, routes, made) {
  const entries = [{ id: "entry.client", file: join(APP, "entry.client.js") }, ...routes];
  const sheetsOf = new Map();
  const graph = {
    name: "graph",
    buildEnd() {
      const imports = [...this.getModuleIds()].map((id) => {
        const { importedIds, dynamicallyImportedIds } = this.getModuleInfo(id);
        return [id, [...importedIds, ...dynamicallyImportedIds]];
      });
      const importsOf = new Map(imports);
      for (const { id, file } of entries) sheetsOf.set(id, sheetsBelow(importsOf, file));
    },
  };
  const chunks = await written(
    options(config, {
      isServer: false,
      input: Object.fromEntries(entries.map(({ id, file }) => [nameOf(id), file])),
      plugins: [sheets(config, made), graph],
    }),
    {
      dir: CLIENT,
      entryFileNames: "assets/[name]-[hash].js",
      chunkFileNames: "assets/[name]-[hash].js",
      assetFileNames: "assets/[name]-[hash][extname]",
      codeSplitting: config.build.rolldownOptions.output?.codeSplitting,
    },
  );
  const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const found = (file) => chunks.find((chunk) => chunk.isEntry && chunk.facadeModuleId === file);
  const parts = {};
  for (const { id, file } of entries) {
    parts[id] = {
      module: `/${found(file).fileName}`,
      imports: [...below(byFile, found(file))].map((name) => `/${name}`),
      css: sheetsOf.get(id).map((sheet) => addressOf(sheet, sheet)),
    };
  }
  return parts;
}

function sheetsBelow(importsOf, start) {
  const seen = new Set([start]);
  const files = [];
  for (const id of seen) {
    if (id.endsWith(SHEET)) files.push(id.slice(0, -SHEET.length));
    for (const one of importsOf.get(id) ?? []) seen.add(one);
  }
  return files;
}

function below(byFile, chunk, seen = new Set()) {
  for (const name of chunk.imports) {
    if (seen.has(name) || !byFile.has(name)) continue;
    seen.add(name);
    below(byFile, byFile.get(name), seen);
  }
  return seen;
}

function manifestOf(routes, parts) {
  const entries = routes.map(({ file, ...route }) => [
    route.id,
    { ...route, hasDefaultExport: true, ...parts[route.id] },
  ]);
  const list = { entry: parts["entry.client"], routes: Object.fromEntries(entries) };
  const version = short(JSON.stringify(list));
  return { ...list, url: `/assets/manifest-${version}.js`, version };
}

// The list of routes is a file of its own, so that both bundles are made at the same time.
async function serverModule(routes) {
  const { default: config } = await fresh(join(ROOT, "react-router.config.js"));
  const other = {
    basename: config.basename,
    future: config.future ?? {},
    assetsBuildDirectory: "build/client",
    ssr: config.ssr,
    isSpaMode: false,
    prerender: routes.map(({ path }) => `/${path ?? ""}`).filter((path) => !/[*:]/.test(path)),
    routeDiscovery: { mode: "initial" },
    publicPath: "/",
    allowedActionOrigins: false,
  };
  const lines = routes.map(({ file }, n) => `import * as route${n} from ${JSON.stringify(file)};`);
  const listed = routes.map(
    ({ file, ...route }, n) =>
      `${JSON.stringify(route.id)}: {...${JSON.stringify(route)}, module: route${n}}`,
  );
  const constants = Object.entries(other).map(
    ([name, value]) => `export const ${name} = ${JSON.stringify(value)};`,
  );
  return `import { readFileSync } from "node:fs";
import * as module from ${JSON.stringify(join(APP, "entry.server.jsx"))};
${lines.join("\n")}
export const assets = JSON.parse(readFileSync(new URL("${MANIFEST}", import.meta.url)));
${constants.join("\n")}
export const entry = { module };
export const routes = {${listed.join(",\n")}};`;
}

// Bundles the pages in the working folder into `build`, without static pages. Their scripts are not
// compressed, so that they are readable in a browser's debugger.
export async function bundle() {
  const config = await viteConfig();
  const routes = await readRoutes();
  const made = new Map();
  rmSync(join(ROOT, "build"), { recursive: true, force: true });
  cpSync(join(ROOT, "public"), CLIENT, { recursive: true });
  writeFileSync(join(CLIENT, "404.html"), ""); // an address without a page gets HTML
  const [parts] = await Promise.all([
    buildClient(config, routes, made),
    buildServer(config, routes, made),
  ]);
  await Promise.all(made.values());
  const manifest = manifestOf(routes, parts);
  const text = JSON.stringify(manifest);
  writeFileSync(join(CLIENT, manifest.url), `window.__reactRouterManifest=${text};`);
  writeFileSync(join(SERVER, MANIFEST), text);
}

async function buildServer(config, routes, made) {
  const inputOptions = options(config, {
    isServer: true,
    input: { index: SERVER_BUILD },
    plugins: [virtual(SERVER_BUILD, await serverModule(routes)), sheets(config, made)],
  });
  // Rolldown writes files side by side; one file of all took it a third longer.
  await written(inputOptions, {
    dir: SERVER,
    entryFileNames: "index.js",
    chunkFileNames: "assets/[name]-[hash].js",
    codeSplitting: { groups: [{ name: groupOf }] },
  });
}

function groupOf(id) {
  if (id.includes("/node_modules/")) return "packages";
  return id.startsWith(join(APP, "routes")) ? nameOf(id).replace(/\W+/g, "-") : null;
}
