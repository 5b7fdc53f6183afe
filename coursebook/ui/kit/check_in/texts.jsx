// Texts with gaps, times in the zone of the meeting, sums, and signs.
import { createElement } from "react";

const PATHS = {
  check: "M20 6 9 17l-5-5",
  back: "m15 18-6-6 6-6",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  close: "M18 6 6 18M6 6l12 12",
  search: "m21 21-4.3-4.3M11 19a8 8 0 1 0 0-16 8 8 0 0 0 0 16z",
  undo: "M9 14 4 9l5-5M4 9h10.5a5.5 5.5 0 0 1 0 11H11",
  alert: "m21.7 18-8-14a2 2 0 0 0-3.4 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.7-3M12 9v4M12 17h.01",
  userPlus: "M15 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2M12.5 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0M19 8v6M22 11h-6",
  wifiOff: "M12 20h.01M8.5 16.4a5 5 0 0 1 7 0M5 12.9a10 10 0 0 1 5.2-2.7M19 12.9a10 10 0 0 0-2-1.5M2 8.8a15 15 0 0 1 4.2-2.6M22 8.8a15 15 0 0 0-11.3-3.8M2 2l20 20",
  qr: "M4 3h4v4H4zM16 3h4v4h-4zM4 15h4v4H4zM12 3v4M12 11H4M12 11v8M16 11h4M16 15v4h4M20 15v.01",
};

export function Sign({ name, small }) {
  const size = small ? 18 : 24;
  return createElement(
    "svg",
    {
      width: size,
      height: size,
      viewBox: "0 0 24 24",
      fill: "none",
      stroke: "currentColor",
      strokeWidth: name === "dots" ? 3 : 1.75,
      strokeLinecap: "round",
      strokeLinejoin: "round",
      "aria-hidden": true,
    },
    createElement("path", { d: PATHS[name] }),
  );
}

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);

const language = () => (document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang);

// `exponents`: decimal places of each currency, as Stripe counts them. Browsers have others for a few.
export function texts({ timezone }, { exponents }) {
  const form = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: timezone };
  const clockForm = new Intl.DateTimeFormat(language(), form);
  return {
    clock: (moment) => (moment ? clockForm.format(new Date(moment)) : ""),
    sum: ({ amount, currency }) => {
      const digits = exponents[currency] ?? 2;
      const money = new Intl.NumberFormat(language(), {
        style: "currency",
        currency: currency.toUpperCase(),
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      });
      return money.format(amount / 10 ** digits);
    },
  };
}
