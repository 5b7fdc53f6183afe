// A button that saves a file of our API, with the contract of __init__.py. In a file of its own, so
// that pages without a file do not load it.
import { createElement } from "react";
import { useOnce } from "./common.jsx";
import { identity } from "./keeper.js";

const NAME = /filename="([^"]+)"/;

function save(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function fetchFile(path) {
  const Authorization = `Bearer ${await identity.token()}`;
  const language = document.documentElement.lang;
  return fetch(path, { headers: { Authorization, "Accept-Language": language } });
}

export function TokenDownload({ path, onProblem, children, ...rest }) {
  const [pending, run] = useOnce(async (here) => {
    let status = 0;
    try {
      const answer = await fetchFile(path);
      status = answer.status;
      if (!answer.ok) throw new Error(String(status));
      save(await answer.blob(), NAME.exec(answer.headers.get("Content-Disposition"))?.[1] ?? "");
    } catch {
      if (here()) onProblem?.(status);
    }
  });
  const state = { "aria-disabled": pending || undefined, "aria-busy": pending || undefined };
  return createElement("button", { type: "button", ...rest, ...state, onClick: run }, children);
}
