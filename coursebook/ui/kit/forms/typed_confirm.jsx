// A submit button that can be pressed once the fields of its form hold what is asked for.
import { createElement, useEffect, useRef, useState } from "react";

const isFilled = (form, name, wanted) => {
  const typed = (form.elements.namedItem(name)?.value ?? "").trim();
  return wanted === "" ? typed !== "" : typed === wanted;
};

export function TypedConfirm({ needs, children, ...rest }) {
  const button = useRef(null);
  const [isReady, setIsReady] = useState(false);
  const asked = JSON.stringify(needs);
  useEffect(() => {
    const { form } = button.current;
    if (!form) return;
    const look = () =>
      setIsReady(Object.entries(JSON.parse(asked)).every((entry) => isFilled(form, ...entry)));
    look();
    form.addEventListener("input", look);
    return () => form.removeEventListener("input", look);
  }, [asked]);
  return createElement(
    "button",
    { type: "submit", ...rest, ref: button, disabled: !isReady },
    children,
  );
}
