// Reports a navigation from the click on, because the code of the next page may load slowly. Also
// prefetches the code of the other pages when idle, so that links work without a connection.
import { useEffect, useLayoutEffect } from "react";
import { useNavigation } from "react-router";
import { reportNavigation } from "$/utils/navigation.js";
import { modulesOfPages } from "$/utils/routes.js";

const IDLE_DELAY = 2000; // milliseconds after this page has loaded

function prefetch() {
  const here = new Set([...document.querySelectorAll("link[rel=modulepreload]")].map((link) => link.href));
  for (const path of modulesOfPages()) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "modulepreload", href: path, fetchPriority: "low" });
    if (!here.has(link.href)) document.head.append(link);
  }
}

function usePrefetch() {
  useEffect(() => {
    if (navigator.connection?.saveData) return undefined;
    const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 200));
    let timer;
    const schedule = () => (timer = setTimeout(() => idle(prefetch), IDLE_DELAY));
    if (document.readyState === "complete") schedule();
    else window.addEventListener("load", schedule, { once: true });
    return () => {
      clearTimeout(timer);
      window.removeEventListener("load", schedule);
    };
  }, []);
}

export function NavigationReporter({ children }) {
  const { state, location } = useNavigation();
  const isNavigating = state !== "idle" && location.pathname !== window.location.pathname;
  useLayoutEffect(() => {
    reportNavigation(isNavigating);
  }, [isNavigating]);
  usePrefetch();
  return children ?? null;
}
