// Keeps what was typed into the form around it: a draft in this tab (sessionStorage), a warning
// before the page is left, and a report after each pause, for previews.
import { createElement, useEffect, useRef, useState } from "react";

const PAUSE = 400; // milliseconds without input before a report
const MAX_REPORT = 60000; // bytes: a longer message would be refused
const typedHere = new Set(); // drafts of this page load: what a new connection lost is put back

function textsOf(form) {
  const entries = [...new FormData(form)];
  return Object.fromEntries(entries.filter(([, value]) => typeof value === "string"));
}

// Hidden ids of rows come from the server: they are nothing that anybody typed.
function isSame(first, second) {
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  const typed = [...names].filter((name) => !name.endsWith("-id"));
  return typed.every((name) => (first[name] ?? "") === (second[name] ?? ""));
}

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null; // not ours, or no storage
  }
}

function write(name, draft) {
  try {
    if (draft) sessionStorage.setItem(name, JSON.stringify(draft));
    else sessionStorage.removeItem(name);
  } catch {
    // The storage is full or forbidden: the page still holds what was typed.
  }
}

class Keeper {
  timer = 0;
  saved = {}; // the texts that are stored on the server
  sent = null; // the texts of the last submit
  reported = null;

  constructor(form, name, props) {
    Object.assign(this, { form, name, props });
    this.saved = this.reported = textsOf(form);
  }

  get texts() {
    return textsOf(this.form);
  }

  changed() {
    const { texts } = this;
    const isUnsaved = !isSame(texts, this.saved);
    this.form.toggleAttribute("data-unsaved", isUnsaved);
    if (isUnsaved) typedHere.add(this.name);
    write(this.name, isUnsaved ? { version: this.props.current.version, texts } : null);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.report(), PAUSE);
  }

  report() {
    const { texts } = this;
    if (isSame(texts, this.reported)) return;
    this.reported = texts;
    const size = new Blob([JSON.stringify(texts)]).size;
    if (size <= MAX_REPORT) this.props.current.onTyped?.(texts);
  }

  // The server has stored what was sent, or shows other texts.
  restart(isSaved) {
    this.saved = (isSaved && this.sent) || this.texts;
    this.sent = null;
    this.changed();
  }
}

function listen(keeper) {
  const { form } = keeper;
  const changed = () => keeper.changed();
  const sent = () => (keeper.sent = keeper.texts);
  const leaving = (event) => form.hasAttribute("data-unsaved") && event.preventDefault();
  form.addEventListener("input", changed);
  form.addEventListener("submit", sent);
  window.addEventListener("beforeunload", leaving);
  return () => {
    clearTimeout(keeper.timer);
    form.removeEventListener("input", changed);
    form.removeEventListener("submit", sent);
    window.removeEventListener("beforeunload", leaving);
  };
}

// `savedStamp` counts saves, `shownStamp` texts that the server put into the fields.
export function FormDraft({ name, savedStamp, shownStamp, rows, children, ...rest }) {
  const here = useRef(null);
  const keeper = useRef(null);
  const props = useRef(rest);
  const [left, setLeft] = useState(null);
  const began = useRef({ name, savedStamp });
  props.current = rest;
  useEffect(() => {
    const form = here.current.closest("form");
    // A new object has a name of its own once it is saved: its first draft is obsolete.
    if (savedStamp !== began.current.savedStamp) write(began.current.name, null);
    began.current = { name, savedStamp };
    keeper.current = new Keeper(form, name, props);
    const draft = read(name);
    if (draft && !isSame(draft.texts, keeper.current.texts)) {
      if (typedHere.has(name)) props.current.onRestored?.(draft.texts, draft.version);
      else setLeft(draft);
    }
    return listen(keeper.current);
  }, [name]);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) keeper.current.restart(true);
  }, [savedStamp]);
  useEffect(() => {
    if (!isFirst.current) keeper.current.restart(false);
  }, [shownStamp]);
  useEffect(() => {
    if (!isFirst.current) keeper.current.changed();
    isFirst.current = false;
  }, [rows, rest.restoredStamp]);
  const choose = (event) => {
    const choice = event.target.closest?.("[data-draft]")?.dataset.draft;
    if (!choice) return;
    if (choice === "restore") props.current.onRestored?.(left.texts, left.version);
    else write(name, null);
    setLeft(null);
  };
  const look = { ref: here, hidden: !left, onClick: choose, className: rest.className };
  return createElement("div", look, left && children);
}
