// A form whose submit carries a fresh token, with the contract of __init__.py. In a file of its own,
// so that pages without such a form do not load it.
import { createElement, useRef } from "react";
import { channelFor } from "$/utils/connection.js";
import { useOnce } from "./common.jsx";
import { identity } from "./keeper.js";

function textsOf(form, submitter) {
  const entries = [...new FormData(form, submitter)];
  return Object.fromEntries(entries.filter(([, value]) => typeof value === "string"));
}

export function TokenForm({ onSend, busy, children, ...rest }) {
  const texts = useRef(null);
  const [pending, run] = useOnce(async (here) => {
    if (!(await channelFor(false, here))) return;
    const token = await identity.token();
    if (here()) onSend?.(token, texts.current);
  });
  const onSubmit = (event) => {
    event.preventDefault();
    if (busy || pending) return;
    texts.current = textsOf(event.currentTarget, event.nativeEvent.submitter);
    run(event);
  };
  const state = { noValidate: true, "aria-busy": pending || busy || undefined, onSubmit };
  return createElement("form", { ...rest, ...state }, children);
}
