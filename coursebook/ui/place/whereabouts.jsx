// Knows of a navigation from the click on: the code of the next page may take a while to come.
import { useLayoutEffect } from "react";
import { useNavigation } from "react-router";
import { leaving } from "$/utils/place.js";

export function Whereabouts({ children }) {
  const { state, location } = useNavigation();
  const isAway = state !== "idle" && location.pathname !== window.location.pathname;
  useLayoutEffect(() => {
    leaving(isAway);
  }, [isAway]);
  return children ?? null;
}
