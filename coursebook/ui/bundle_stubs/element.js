// Replaces @emotion/react. A `css` property, if any, becomes an inline style.
import { createElement } from "react";

export { Fragment } from "react";

export function jsx(type, props, ...children) {
  if (!props?.css) return createElement(type, props, ...children);
  const { css, ...rest } = props;
  return createElement(type, { ...rest, style: { ...css, ...rest.style } }, ...children);
}
