// Bundles the pages again and again while they are developed: node bundler.mjs, in the web folder.
//
// Each line of the input asks for a build. Each line of the output is its result:
// {"error": "", "memory": bytes}. The process stays, with Vite, Rolldown and Tailwind in memory.
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";

process.env.NODE_ENV = "production";
const { bundle } = await import("./quick_bundle.mjs");

// The output is for results alone.
console.log = console.info = console.warn = console.error;
for await (const _ of createInterface({ input: process.stdin })) {
  let error = "";
  try {
    await bundle();
  } catch (failure) {
    error = stripVTControlCharacters(failure?.message ?? String(failure));
  }
  const memory = process.memoryUsage().rss;
  process.stdout.write(`${JSON.stringify({ error, memory })}\n`);
}
