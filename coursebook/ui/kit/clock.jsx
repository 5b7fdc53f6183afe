// Counts down to a moment of the server, without comparing it with the browser's clock: it counts
// the seconds that were left on arrival, by the clock that advanced further (one stops while the
// machine sleeps, the other can be changed by hand).
import { createElement, useEffect, useRef, useState, useSyncExternalStore } from "react";

const SPOKEN = [600, 300, 120, 60];

function useLeft(seconds, stamp, onEnd) {
  const [left, setLeft] = useState(seconds);
  const end = useRef(onEnd);
  end.current = onEnd;
  useEffect(() => {
    const began = [performance.now(), Date.now()];
    let hasEnded = false;
    let timer;
    const tick = () => {
      const gone = Math.max(performance.now() - began[0], Date.now() - began[1], 0) / 1000;
      const now = Math.max(0, Math.ceil(seconds - gone));
      setLeft(now);
      if (now === 0 && !hasEnded) {
        hasEnded = true;
        end.current?.();
      }
      clearTimeout(timer);
      if (now > 0) timer = setTimeout(tick, 1000 - ((gone * 1000) % 1000));
    };
    const back = () => document.visibilityState === "visible" && tick();
    tick();
    document.addEventListener("visibilitychange", back);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", back);
    };
  }, [seconds, stamp]);
  return left;
}

function useCalm() {
  const [calm, setCalm] = useState(false);
  useEffect(() => {
    const query = window.matchMedia("(prefers-reduced-motion: reduce)");
    const update = () => setCalm(query.matches);
    update();
    query.addEventListener("change", update);
    return () => query.removeEventListener("change", update);
  }, []);
  return calm;
}

const digits = (left) => `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;

function spokenTime(left, minutes, minute) {
  const count = Math.ceil(left / 60);
  return count === 1 ? minute : minutes.replace("{count}", count);
}

// The latest announcement that was due, so that a screen reader speaks four times and not 2000.
function announcement(left, template, minutes, minute) {
  const due = SPOKEN.filter((limit) => left <= limit).pop();
  return due && left > 0 ? template.replace("{left}", spokenTime(due, minutes, minute)) : "";
}

// A sentence with a moment in its gap {until}, in the reader's time zone: the day is named unless it
// is today.
function untilHere(template, until, clockForm) {
  const moment = new Date(until);
  if (!until || Number.isNaN(moment.getTime())) return template;
  if (typeof document === "undefined") return template; // the server draws a sample at /kit
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const write = (options) => new Intl.DateTimeFormat(language, options).format(moment);
  const clock = write({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const isToday = moment.toDateString() === new Date().toDateString();
  const day = isToday ? "" : `${write({ weekday: "short", day: "numeric", month: "short" })}, `;
  return template.replace("{until}", day + clockForm.replace("{clock}", clock));
}

const never = () => () => {};

export function UntilHere({ template, until, clockForm, children, ...rest }) {
  const text = useSyncExternalStore(
    never,
    () => untilHere(template, until, clockForm),
    () => "",
  );
  return createElement("p", rest, text);
}

export function HoldClock(props) {
  const { seconds, whole, stamp, label, ended, announce, minutes, minute, onEnd } = props;
  const { until, clockForm, classes, className, children, ...rest } = props;
  for (const own of ["seconds", "whole", "stamp", "label", "ended", "announce"]) delete rest[own];
  for (const own of ["minutes", "minute", "onEnd"]) delete rest[own];
  const left = useLeft(seconds, stamp, onEnd);
  const calm = useCalm();
  const shown = calm && left > 60 ? spokenTime(left, minutes, minute) : digits(left);
  const [frame, line, figures, track, bar, hidden] = classes;
  const share = whole > 0 ? Math.min(1, left / whole) : 0;
  const h = createElement;
  return h(
    "div",
    { ...rest, className: frame, "data-left": left > 120 ? "enough" : "little" },
    h(
      "p",
      { className: line },
      left > 0 ? untilHere(label, until, clockForm) : ended,
      left > 0 &&
        h("span", { className: figures, role: "timer", "aria-live": "off", "aria-atomic": true }, shown),
    ),
    h(
      "div",
      { className: track, "aria-hidden": true },
      h("div", { className: bar, style: { transform: `scaleX(${calm ? Math.ceil(share * 10) / 10 : share})` } }),
    ),
    h("span", { className: hidden, role: "status" }, announcement(left, announce, minutes, minute)),
    children,
  );
}
