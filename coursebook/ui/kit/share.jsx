// Shares the address of the page with the system's menu, or copies it where there is none.
import { createElement, useEffect, useRef, useState } from "react";

export function ShareButton({ title, copied, failed, classes, className, children, ...rest }) {
  const [message, setMessage] = useState("");
  const timer = useRef();
  useEffect(() => () => clearTimeout(timer.current), []);
  const announce = (words) => {
    setMessage(words);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setMessage(""), 5000);
  };
  const share = async () => {
    const url = window.location.origin + window.location.pathname;
    if (navigator.share) {
      try {
        await navigator.share({ title, url });
        return;
      } catch (error) {
        if (error.name === "AbortError") return;
      }
    }
    try {
      await navigator.clipboard.writeText(url);
      announce(copied);
    } catch {
      announce(failed.replace("{url}", url));
    }
  };
  const [frame, spoken] = classes;
  return createElement(
    "div",
    { className: frame },
    createElement("button", { type: "button", className, onClick: share, ...rest }, children),
    createElement("span", { role: "status", className: spoken }, message),
  );
}
