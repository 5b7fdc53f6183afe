// The time of a course in the reader's time zone, if it differs from the course's zone. Only the
// browser knows the reader's zone. The server renders the empty line, so that hydration matches and
// nothing shifts when the text is filled in.
import { createElement, useSyncExternalStore } from "react";

const never = () => () => {};
const nothing = () => "";

function zoneHere() {
  try {
    return Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  } catch {
    return "";
  }
}

function formatted(moment, zone, language) {
  const format = (options) => new Intl.DateTimeFormat(language, { ...options, timeZone: zone });
  return {
    clock: format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(moment),
    day: format({ weekday: "short", day: "numeric", month: "short" }).format(moment).replace(/,/g, ""),
  };
}

function wordsFor(starts, ends, zone, template) {
  const here = zoneHere();
  if (!here || !starts || !ends) return "";
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  try {
    const [begin, end] = [new Date(starts), new Date(ends)];
    const [theirs, ours] = [formatted(begin, zone, language), formatted(begin, here, language)];
    if (theirs.clock === ours.clock && theirs.day === ours.day) return "";
    const last = formatted(end, here, language);
    const day = ours.day === theirs.day ? "" : `${ours.day}, `;
    const until = last.day === ours.day ? last.clock : `${last.day}, ${last.clock}`;
    return template.replace("{when}", `${day}${ours.clock}\u2013${until}`);
  } catch {
    return ""; // the browser does not support this zone or language
  }
}

export function ViewerTime({ starts, ends, zone, template, className, ...rest }) {
  const words = useSyncExternalStore(
    never,
    () => wordsFor(starts, ends, zone, template),
    nothing,
  );
  return createElement("span", { ...rest, className }, words);
}
