// Stands for @emotion/react. A `css` property, should one come, becomes a plain style.
import { createElement } from "react";

export { Fragment } from "react";

export function jsx(type, props, ...children) {
  if (!props?.css) return createElement(type, props, ...children);
  const { css, ...rest } = props;
  return createElement(type, { ...rest, style: { ...css, ...rest.style } }, ...children);
}
