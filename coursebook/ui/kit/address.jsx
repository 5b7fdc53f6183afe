// A list with its filters in the address. A choice is written there at once, typed text after a
// pause. No timer outlives its page.
import { createElement, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { isPlain } from "$/utils/connection.js";
import { isNavigating } from "$/utils/navigation.js";

const REST = { search: 250, date: 500 }; // milliseconds; other fields are written at once
const DAY = /^[2-9]\d{3}-/; // typing a year passes through 0002, 0020 and 0202

function queryOf(values, names) {
  const query = new URLSearchParams();
  for (const name of names) if (values[name]) query.set(name, values[name]);
  return query.toString();
}

const valuesOf = (query) => Object.fromEntries(new URLSearchParams(query));
const isSame = (first, second, names) =>
  queryOf(valuesOf(first), names) === queryOf(valuesOf(second), names);

// Tells whether the answer to the page's address is pending; never at the first render.
function useIsWaiting(answeredQuery, names) {
  const { search } = useLocation();
  const [isWaiting, setIsWaiting] = useState(false);
  useEffect(() => setIsWaiting(!isSame(answeredQuery, search, names)), [answeredQuery, search]);
  return isWaiting;
}

export function Answer({ answeredQuery, names, children, ...rest }) {
  const isWaiting = useIsWaiting(answeredQuery, names);
  return createElement("div", { ...rest, "aria-busy": isWaiting || undefined }, children);
}

const fieldsOf = (form) => [...form.elements].filter((field) => field.name);
const isHalfTyped = (field) =>
  field.type === "date" &&
  (field.validity.badInput || (field.value !== "" && !DAY.test(field.value)));

function show(field, value) {
  if (window.coursebookEarly?.changed.has(field)) return; // typed before hydration
  if (field.options && ![...field.options].some((option) => option.value === value)) return;
  if (field.type === "checkbox") field.checked = value !== "";
  else if (field.value.trim() !== value) field.value = value;
}

class Filters {
  timer = 0;
  typedIn = ""; // the field whose value is not in the address yet
  byKeyboard = ""; // the date that is being typed by keyboard
  written = []; // our navigations that React has not rendered yet, each with its query and field
  last = { key: "", field: "" }; // the last one that it has rendered

  constructor(form) {
    this.form = form;
  }

  get isTyping() {
    return this.timer !== 0;
  }

  // Tells whether Back, a link or a chip has changed the address, and React has not rendered it yet.
  // On a slow machine the pause after typing can end in between: writing would undo the navigation.
  get isOutdated() {
    const { pathname, search } = window.location;
    const isRendered =
      pathname === this.location.pathname && isSame(search, this.location.search, this.names);
    return !isRendered && !this.isOurs(window.location);
  }

  // Tells whether an address is that of a pending navigation of ours. There may be several: a slow
  // machine renders the first when the second is written already.
  isOurs({ pathname, search }) {
    if (pathname !== this.location?.pathname) return false;
    return this.written.some(({ query }) => isSame(query, search, this.names));
  }

  drop() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  // Returns the filters of the form. A half-typed value keeps its value in the address.
  formValues(field, isDone) {
    const before = valuesOf(this.location.search);
    const now = {};
    for (const input of fieldsOf(this.form)) {
      const { name } = input;
      if (isHalfTyped(input)) now[name] = before[name] ?? "";
      else now[name] = input.type === "checkbox" && !input.checked ? "" : input.value.trim();
    }
    for (const button of this.form.querySelectorAll("[data-choice]")) {
      now[button.dataset.choice] ??= before[button.dataset.choice] ?? "";
    }
    return this.inOrder(now, before, field, isDone);
  }

  // Keeps the first day before the last one: the other end moves along, visibly. While a date is
  // being typed it does not move: month 12 begins as month 1.
  inOrder(now, before, field, isDone) {
    if (!now.from || !now.to || now.from <= now.to) return now;
    const [chosen, other] = field === "to" ? ["to", "from"] : ["from", "to"];
    if (this.byKeyboard === chosen && !isDone) now[chosen] = before[chosen] ?? "";
    else {
      now[other] = now[chosen];
      this.form.elements.namedItem(other).value = now[chosen];
    }
    return now;
  }

  later(field) {
    const { name } = field;
    this.drop();
    if (field.type === "date") this.lastDay = name;
    const isTyped = field.type === "search" || field.type === "date";
    if (!isTyped) return this.write({});
    this.timer = setTimeout(() => this.write({ typed: name }), REST[field.type]);
  }

  write({ typed = "", chosen = {}, isDone = false }) {
    this.drop();
    if (isNavigating() || this.isOutdated) return;
    const now = { ...this.formValues(this.lastDay, isDone), ...chosen };
    const query = queryOf(now, this.names);
    const pending = this.written.at(-1);
    if (isSame(query, pending?.query ?? this.location.search, this.names)) return;
    const goesOn = pending?.field ?? (this.last.key === this.location.key && this.last.field);
    this.written.push({ query, field: typed });
    if (isPlain()) return window.location.assign(`?${query}`);
    const replace = typed !== "" && goesOn === typed;
    this.navigate({ search: query && `?${query}` }, { replace, preventScrollReset: true });
  }

  // Empties fields, as their chips would: those lead to the address that the list answers, which
  // lacks what was chosen since.
  remove(names) {
    for (const field of fieldsOf(this.form)) if (names.includes(field.name)) show(field, "");
    this.write({ chosen: Object.fromEntries(names.map((name) => [name, ""])) });
  }

  // The address has changed: by us, or by Back, a link or a chip, which discard pending input.
  arrived(location) {
    const isOurs = this.isOurs(location);
    this.location = location;
    if (isOurs) {
      let arrival;
      do arrival = this.written.shift(); // React renders the newest, and may skip those before it
      while (!isSame(arrival.query, location.search, this.names));
      this.last = { key: location.key, field: arrival.field };
    } else {
      this.written = [];
      this.drop();
      this.showAll(valuesOf(location.search));
    }
  }

  showAll(values) {
    for (const field of fieldsOf(this.form)) show(field, values[field.name] ?? "");
  }

  showApplied(applied) {
    if (this.isTyping || this.written.length) return; // its answer is still pending
    for (const field of fieldsOf(this.form)) {
      const isHeld = field === document.activeElement && field.type === "date";
      if (!isHeld || !this.byKeyboard) show(field, applied[field.name] ?? "");
    }
  }
}

const isSimple = (event) =>
  event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

function listen(filters, state) {
  const isOurs = (event) => event.target.form === filters.form && event.target.name;
  const on = {
    input: (event) => isOurs(event) && filters.later(event.target),
    keydown: (event) => {
      if (isOurs(event) && event.target.type === "date") filters.byKeyboard = event.target.name;
    },
    pointerdown: () => (filters.byKeyboard = ""),
    focusout: (event) => {
      if (!isOurs(event) || event.target.type !== "date") return;
      filters.write({ typed: event.target.name, isDone: true });
      filters.byKeyboard = "";
      if (!state.current.isWaiting) filters.showApplied(state.current.applied);
    },
    click: (event) => {
      const button = event.target.closest?.("[data-choice]");
      if (button?.form === filters.form) {
        filters.write({ chosen: { [button.dataset.choice]: button.value } });
      }
    },
    submit: (event) => {
      if (event.target !== filters.form) return;
      event.preventDefault();
      filters.write({ typed: document.activeElement?.name ?? "", isDone: true });
    },
  };
  const chipClicked = (event) => {
    const names = event.target.closest?.("a[data-removes]")?.dataset.removes;
    if (names === undefined || !isSimple(event)) return;
    event.preventDefault(); // before React sees the click: the link does not navigate
    filters.remove(names.split(" "));
  };
  document.addEventListener("click", chipClicked, true);
  for (const kind in on) document.addEventListener(kind, on[kind]);
  return () => {
    filters.drop();
    document.removeEventListener("click", chipClicked, true);
    for (const kind in on) document.removeEventListener(kind, on[kind]);
  };
}

export function AddressForm({ names, applied, answeredQuery, children, ...rest }) {
  const form = useRef(null);
  const filters = useRef(null);
  const location = useLocation();
  const navigate = useNavigate();
  const isWaiting = useIsWaiting(answeredQuery, names);
  const state = useRef();
  state.current = { applied, isWaiting };
  useLayoutEffect(() => {
    filters.current = new Filters(form.current);
    return listen(filters.current, state);
  }, []);
  useLayoutEffect(() => {
    Object.assign(filters.current, { names, navigate });
    filters.current.arrived(location);
  }, [location]);
  useEffect(() => {
    if (!isWaiting && isSame(answeredQuery, location.search, names)) {
      filters.current.showApplied(applied);
    }
  }, [answeredQuery, isWaiting, location]);
  return createElement(
    "form",
    { ...rest, ref: form, method: "get", role: "search" },
    children,
  );
}
