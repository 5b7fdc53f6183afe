// What a page of the console shows at one address, and what at any other.
import { Fragment, createElement } from "react";
import { useLocation } from "react-router";
import { plain } from "$/public/external/coursebook/ui/kit/focus/focus.jsx";

export function AtPath({ path, isElsewhere, children }) {
  const isHere = plain(useLocation().pathname) === plain(path);
  return isHere === isElsewhere ? null : createElement(Fragment, null, children);
}
