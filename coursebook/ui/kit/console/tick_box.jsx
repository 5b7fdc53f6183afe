// A check box that shows at once what was chosen, and what the page knows as soon as that changes.
import { createElement, useEffect, useState } from "react";

export function TickBox({ checked, onTicked, ...rest }) {
  const [isOn, setIsOn] = useState(checked);
  useEffect(() => setIsOn(checked), [checked]);
  const onChange = (event) => {
    setIsOn(event.target.checked);
    onTicked?.();
  };
  return createElement("input", { ...rest, type: "checkbox", checked: isOn, onChange });
}
