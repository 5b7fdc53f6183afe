// Reports a navigation from the click on, because the code of the next page may load slowly. Also
// prefetches the code of the other pages when idle, so that links work without a connection.
import { useEffect, useLayoutEffect } from "react";
import { useNavigation } from "react-router";
import { leaving } from "$/utils/place.js";
import { modulesOfPages } from "$/utils/routes.js";

const REST = 2000; // milliseconds after this page has loaded

function fetchAhead() {
  const here = new Set([...document.querySelectorAll("link[rel=modulepreload]")].map((one) => one.href));
  for (const path of modulesOfPages()) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "modulepreload", href: path, fetchPriority: "low" });
    if (!here.has(link.href)) document.head.append(link);
  }
}

function useCodeAhead() {
  useEffect(() => {
    if (navigator.connection?.saveData) return undefined;
    const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 200));
    let timer;
    const rest = () => (timer = setTimeout(() => idle(fetchAhead), REST));
    if (document.readyState === "complete") rest();
    else window.addEventListener("load", rest, { once: true });
    return () => {
      clearTimeout(timer);
      window.removeEventListener("load", rest);
    };
  }, []);
}

export function Whereabouts({ children }) {
  const { state, location } = useNavigation();
  const isAway = state !== "idle" && location.pathname !== window.location.pathname;
  useLayoutEffect(() => {
    leaving(isAway);
  }, [isAway]);
  useCodeAhead();
  return children ?? null;
}
