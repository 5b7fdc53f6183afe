// Reports a navigation from the click on, because the code of the next page may load slowly. Also
// prefetches the code of the other pages when idle, so that links work without a connection, and
// loads pages anew that have a Content-Security-Policy of their own.
import { useEffect, useLayoutEffect } from "react";
import { useLocation, useNavigation } from "react-router";
import { reportNavigation } from "$/utils/navigation.js";
import { policyOf } from "$/utils/policies.js";
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

// A document keeps the policy that it was loaded with.
const loadedPolicy = typeof window === "undefined" ? "" : policyOf(window.location.pathname);

function usePolicyOfPage() {
  const { pathname } = useLocation();
  useEffect(() => {
    const leaveToBrowser = (event) => {
      const link = event.target.closest?.("a[href]");
      const isOurs = link && !link.target && link.origin === window.location.origin;
      if (isOurs && policyOf(link.pathname) !== loadedPolicy) event.stopPropagation();
    };
    window.addEventListener("click", leaveToBrowser, true);
    return () => window.removeEventListener("click", leaveToBrowser, true);
  }, []);
  useLayoutEffect(() => {
    if (policyOf(pathname) !== loadedPolicy) window.location.reload(); // a redirect led here
  }, [pathname]);
}

export function NavigationReporter({ children }) {
  const { state, location } = useNavigation();
  const isNavigating = state !== "idle" && location.pathname !== window.location.pathname;
  useLayoutEffect(() => {
    reportNavigation(isNavigating);
  }, [isNavigating]);
  usePrefetch();
  usePolicyOfPage();
  return children ?? null;
}
