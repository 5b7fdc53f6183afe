// A button that prints the page. What is not loaded yet is asked for first: the list is printed as
// soon as it is complete.
import { createElement, useEffect, useState } from "react";

export function PrintButton({ hasMore, onNeedAll, children, ...rest }) {
  const [isWaiting, setIsWaiting] = useState(false);
  useEffect(() => {
    if (!isWaiting || hasMore) return;
    setIsWaiting(false);
    window.print();
  }, [isWaiting, hasMore]);
  const onClick = () => {
    if (hasMore) onNeedAll?.();
    setIsWaiting(true);
  };
  const props = { type: "button", ...rest, "aria-busy": isWaiting || undefined, onClick };
  return createElement("button", props, children);
}
