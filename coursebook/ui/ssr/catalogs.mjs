// The texts of the pages, beside the server's copy of a build. A build has texts in it; those of a
// school that has changed some are in this file (coursebook/run/build/school_pages.py).
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

// Call it before the build is imported. Returns the languages, the first one without a folder.
export function loadCatalogs(build) {
  const file = join(dirname(build), "catalogs.json");
  if (!existsSync(file)) return null;
  globalThis.__coursebookCatalogs = JSON.parse(readFileSync(file, "utf8"));
  return Object.keys(globalThis.__coursebookCatalogs);
}
