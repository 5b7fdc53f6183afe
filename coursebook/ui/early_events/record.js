// Records clicks and input until the page's scripts can handle them (replay.jsx).
(() => {
  const early = (window.coursebookEarly = { pressed: null, changed: new Set() });
  const press = (event) => {
    const button = event.target.closest?.("main button[type=button]");
    if (!button) return;
    event.stopPropagation();
    early.pressed?.removeAttribute("aria-disabled");
    early.pressed = button;
    button.setAttribute("aria-disabled", "true");
  };
  const change = (event) => {
    if (event.target.form?.getAttribute("role") !== "search") return;
    event.stopPropagation();
    early.changed.add(event.target);
  };
  const kinds = { click: press, input: change, change };
  for (const kind in kinds) addEventListener(kind, kinds[kind], true);
  early.stop = () => {
    for (const kind in kinds) removeEventListener(kind, kinds[kind], true);
  };
})();
