// Orders a rendered page for its first paint: the style sheet is inside it, data follows its content.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const ASSETS = "assets";
const SHEET = /^__reflex_global_styles-.*\.css$/;
const DATA_BLOCK = /<script type="application\/ld\+json">[^]*?<\/script>/g;

// The style sheet of all public pages in the folder of a build's files, and the hash that allows it.
export function sharedSheet(client) {
  const name = readdirSync(join(client, ASSETS)).find((file) => SHEET.test(file));
  const text = readFileSync(join(client, ASSETS, name), "utf8");
  const hash = createHash("sha256").update(text).digest("base64");
  return { href: `/${ASSETS}/${name}`, text, hash: `sha256-${hash}` };
}

// A sheet of its own costs a round trip before anything is painted. React hydrates the links to it,
// so they stay, but load nothing.
export function withSheet(html, { href, text }) {
  return html.replaceAll(new RegExp(`<link ([^>]*href="${href}"[^>]*)>`, "g"), (link, attributes) =>
    attributes.includes('rel="stylesheet"')
      ? `<style>${text}</style><link disabled ${attributes}>`
      : `<link media="not all" ${attributes}>`,
  );
}

// Puts tags into the head and data behind the content. React skips an element of another kind there.
export function withData(html, head, data) {
  const tags = head.replaceAll(DATA_BLOCK, "");
  const blocks = (head.match(DATA_BLOCK) ?? []).join("");
  const headEnd = html.indexOf("</head>");
  const contentEnd = html.indexOf("<script", html.indexOf("<body"));
  if (headEnd < 0 || contentEnd < 0) throw new Error("The page is not complete.");
  const content = html.slice(headEnd, contentEnd);
  const hidden = `<div hidden>${blocks}${data}</div>`;
  return `${html.slice(0, headEnd)}${tags}${content}${hidden}${html.slice(contentEnd)}`;
}
