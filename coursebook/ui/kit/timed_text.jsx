// A text that is replaced by another after some seconds, counted by the clock that advanced further:
// one stops while the machine sleeps.
import { createElement, useEffect, useState } from "react";

export function TextOverTime({ first, later, seconds, children, ...rest }) {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const began = [performance.now(), Date.now()];
    const look = () => {
      const gone = Math.max(performance.now() - began[0], Date.now() - began[1]);
      if (gone >= seconds * 1000) setIsLate(true);
    };
    const timer = setTimeout(look, seconds * 1000 + 20);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [seconds]);
  return createElement("span", rest, isLate ? later : first);
}
