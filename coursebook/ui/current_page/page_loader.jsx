// Prefetches the code of the other pages when idle, so that links work without a connection, and
// loads pages anew that have a Content-Security-Policy of their own.
import { useEffect, useLayoutEffect } from "react";
import { useLocation } from "react-router";
import { policyOf } from "$/utils/policies.js";
import { hasRoutesOf, modulesOfPages } from "$/utils/routes.js";

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

// A document keeps the policy and the list of routes that it was loaded with.
const loadedPath = typeof window === "undefined" ? "" : window.location.pathname;
const needsDocument = (path) => policyOf(path) !== policyOf(loadedPath) || !hasRoutesOf(path);

function useDocumentOfPage() {
  const { pathname } = useLocation();
  useEffect(() => {
    const leaveToBrowser = (event) => {
      const link = event.target.closest?.("a[href]");
      const isOurs = link && !link.target && link.origin === window.location.origin;
      if (isOurs && needsDocument(link.pathname)) event.stopPropagation();
    };
    window.addEventListener("click", leaveToBrowser, true);
    return () => window.removeEventListener("click", leaveToBrowser, true);
  }, []);
  useLayoutEffect(() => {
    // A redirect led here. An unknown page of the console was loaded already: it has no other document.
    if (pathname === loadedPath || !needsDocument(pathname)) return;
    document.documentElement.hidden = true; // else the page of unknown addresses shows meanwhile
    window.location.reload();
  }, [pathname]);
}

export function PageLoader({ children }) {
  usePrefetch();
  useDocumentOfPage();
  return children ?? null;
}
