// Replaces React Router's server entry: renders the whole page, then sends it at once.
import { createElement } from "react";
import { renderToPipeableStream } from "react-dom/server.node";
import { PassThrough } from "node:stream";
import { ServerRouter, createRequestHandler } from "react-router";

export { createRequestHandler };

// The scripts render the fallback's content later, so its first paint waits for nothing.
const EXPECTED = /<link [^>]*rel="expect"[^>]*>/;

export default function handleRequest(request, status, headers, context) {
  return new Promise((resolve, reject) => {
    const { pipe } = renderToPipeableStream(
      createElement(ServerRouter, { context, url: request.url }),
      {
        onShellError: reject,
        onError: reject,
        onAllReady() {
          const parts = [];
          const whole = new PassThrough();
          whole.on("data", (part) => parts.push(part));
          whole.on("error", reject);
          whole.on("end", () => {
            const page = Buffer.concat(parts).toString();
            const html = context.isSpaMode ? page.replace(EXPECTED, "") : page;
            const rendering = globalThis.__coursebookStates?.getStore();
            const isRendering = rendering?.html === ""; // avoids two web streams
            if (isRendering) rendering.html = html;
            headers.set("Content-Type", "text/html; charset=utf-8");
            resolve(new Response(isRendering ? null : html, { status, headers }));
          });
          pipe(whole);
        },
      },
    );
  });
}
