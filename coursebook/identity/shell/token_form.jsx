// A form whose submit carries a fresh token, with the contract of __init__.py. In a file of its own,
// so that pages without such a form do not load it.
import { createElement, useEffect, useRef, useState } from "react";
import { channelFor } from "$/utils/connection.js";
import { useOnce } from "./common.jsx";
import { identity } from "./keeper.js";

function textsOf(form, submitter) {
  const entries = [...new FormData(form, submitter)];
  return Object.fromEntries(entries.filter(([, value]) => typeof value === "string"));
}

function areSame(texts, others) {
  return JSON.stringify(texts) === JSON.stringify(others);
}

// The same texts again are a double click. Others wait until the form can be sent again; a form with
// a `refusal` says that instead, since it is gone when the first texts were taken.
export function TokenForm({ onSend, busy, refusal, refusalClass, children, ...rest }) {
  const texts = useRef(null);
  const waiting = useRef(null);
  const [isRefused, setRefused] = useState(false);
  const [pending, run] = useOnce(async (here) => {
    if (!(await channelFor(false, here))) return;
    const token = await identity.token();
    if (here()) onSend?.(token, texts.current);
  });
  const isShut = pending || busy;
  const onSubmit = (event) => {
    event.preventDefault();
    const entered = textsOf(event.currentTarget, event.nativeEvent.submitter);
    if (isShut) {
      const isOther = !areSame(entered, texts.current);
      if (refusal) setRefused(isOther);
      else waiting.current = isOther ? entered : null;
      return;
    }
    texts.current = entered;
    run(event);
  };
  useEffect(() => {
    if (isShut) return;
    setRefused(false);
    if (!waiting.current) return;
    [texts.current, waiting.current] = [waiting.current, null];
    run();
  }, [isShut]);
  const state = { noValidate: true, "aria-busy": isShut || undefined, onSubmit };
  const alert = isRefused && createElement("p", { role: "alert", className: refusalClass }, refusal);
  return createElement("form", { ...rest, ...state }, children, alert);
}
