// The time left of an offer as a ring. It counts down from the seconds that were left on arrival,
// so that a wrong clock of the browser does not matter.
import { createElement, useEffect, useState } from "react";

const STEP = 15000;

function digits(left) {
  const minutes = Math.ceil(left / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

export function RingClock({ seconds, whole, stamp, classes, children, ...rest }) {
  const [gone, setGone] = useState(0);
  useEffect(() => {
    const began = Date.now();
    const tick = () => setGone(Math.max(0, (Date.now() - began) / 1000));
    tick();
    const timer = setInterval(tick, STEP);
    return () => clearInterval(timer);
  }, [seconds, stamp]);
  const left = Math.max(0, seconds - gone);
  const share = whole > 0 ? Math.min(1, left / whole) : 0;
  const [track, arc, figures] = classes;
  const circle = { cx: 36, cy: 36, r: 31, fill: "none", strokeWidth: 5 };
  const part = { pathLength: 100, strokeDasharray: `${100 * share} 100`, strokeLinecap: "round" };
  const turned = { ...part, transform: "rotate(-90 36 36)" };
  return createElement(
    "svg",
    { ...rest, viewBox: "0 0 72 72", "aria-hidden": true },
    createElement("circle", { ...circle, className: track }),
    createElement("circle", { ...circle, ...turned, className: arc }),
    createElement("text", { x: 36, y: 41, textAnchor: "middle", className: figures }, digits(left)),
  );
}
