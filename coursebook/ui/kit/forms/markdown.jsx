// Buttons that write Markdown into the text area with the id `target`: bold, italic, list, link.
import { createElement } from "react";

const LINK = "https://";

// Each returns what replaces the selected text, and which part of it is selected then.
const TOOLS = {
  bold: (text, words) => around(text || words.bold, "**"),
  italic: (text, words) => around(text || words.italic, "*"),
  list: (text, words) => {
    const lines = (text || words.list).split("\n").map((line) => `- ${line.replace(/^- /, "")}`);
    return { text: lines.join("\n"), from: 0, to: lines.join("\n").length };
  },
  link: (text, words) => {
    const label = text || words.link;
    return { text: `[${label}](${LINK})`, from: label.length + 3, to: label.length + 3 + LINK.length };
  },
};

// A tool in braces is a placeholder: it is written as it is.
const insert = (tool) => () => ({ text: tool, from: tool.length, to: tool.length });

function around(text, mark) {
  return { text: `${mark}${text}${mark}`, from: mark.length, to: mark.length + text.length };
}

function apply(tool, area, words) {
  let { selectionStart: start, selectionEnd: end, value } = area;
  if (tool === "list") {
    const next = value.indexOf("\n", end); // whole lines
    start = value.lastIndexOf("\n", start - 1) + 1;
    end = next < 0 ? value.length : next;
  }
  const { text, from, to } = (TOOLS[tool] ?? insert(tool))(value.slice(start, end), words);
  area.focus();
  area.setSelectionRange(start, end);
  // As if it was typed: the browser can undo it, and listeners hear of it.
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.setSelectionRange(start + from, start + to);
}

export function MarkdownTools({ target, words, isLocked, children, ...rest }) {
  const onClick = (event) => {
    const tool = event.target.closest("[data-tool]")?.dataset.tool;
    const area = document.getElementById(target);
    if (tool && area && !isLocked) apply(tool, area, words);
  };
  return createElement("div", { ...rest, onClick }, children);
}
