// The React side of the session: see __init__.py for what each part promises.
import { createElement, useEffect, useRef, useState } from "react";
import { listen, session } from "./session.js";

export function IdentityShell({ onToken, known, children }) {
  const send = useRef(onToken);
  send.current = onToken;
  useEffect(() => {
    let last = null;
    const push = () => {
      const token = session.currentToken();
      if (token !== last) send.current?.((last = token));
    };
    const stop = listen(push);
    if (session.keeper.status !== "unknown") push();
    return stop;
  }, []);
  // A state that knows nothing is told again, ever more slowly, until it does.
  useEffect(() => {
    if (known !== false) return undefined;
    let timer;
    const again = (wait) => {
      timer = setTimeout(() => {
        if (session.keeper.status !== "unknown") send.current?.(session.currentToken());
        again(Math.min(wait * 2, 16000));
      }, wait);
    };
    again(1000);
    return () => clearTimeout(timer);
  }, [known]);
  return children ?? null;
}

function usePeople(unreachable) {
  const [people, setPeople] = useState(null);
  const [problem, setProblem] = useState("");
  const load = () => {
    setProblem("");
    session.people().then(setPeople, () => setProblem(unreachable));
  };
  useEffect(load, []);
  return { people, problem, setProblem, load };
}

export function SignInPanel({
  className, buttonClass, noticeClass, errorClass, onSignedIn, id, words,
}) {
  const { people, problem, setProblem, load } = usePeople(words.unreachable);
  const [busy, setBusy] = useState("");
  const choose = async (email) => {
    setBusy(email);
    setProblem("");
    try {
      onSignedIn?.(await session.signIn(email));
    } catch (failure) {
      setProblem(failure.status ? failure.message : words.unreachable);
    }
    setBusy("");
  };
  return (
    <div id={id} className={className} aria-busy={!people || busy !== ""}>
      {problem && <p role="alert" className={errorClass}>{problem}</p>}
      {!people && !problem && <p role="status" className={noticeClass}>{words.loading}</p>}
      {!people && problem && (
        <button type="button" className={buttonClass} onClick={load}>{words.again}</button>
      )}
      {people?.map(({ email, name }) => (
        <button key={email} type="button" className={buttonClass} disabled={busy !== ""}
          aria-busy={busy === email} onClick={() => choose(email)}>
          {words.continueAs.replace("{name}", name)}
        </button>
      ))}
    </div>
  );
}

// Runs one action at a time and stays shut half a second longer: a double click is one press.
function useOnce(action) {
  const shut = useRef(false);
  const [pending, setPending] = useState(false);
  const run = async (event) => {
    event?.preventDefault();
    if (shut.current) return;
    shut.current = true;
    setPending(true);
    try {
      await action();
    } finally {
      setTimeout(() => {
        shut.current = false;
        setPending(false);
      }, 500);
    }
  };
  return [pending, run];
}

function button(rest, disabled, pending, run, children) {
  // Stays focusable while pending (aria-disabled, not disabled): focus is not thrown to <body>.
  const state = { disabled, "aria-disabled": pending || undefined, "aria-busy": pending || undefined };
  return createElement("button", { type: "button", ...rest, ...state, onClick: run }, children);
}

export function TokenButton({ onPress, disabled, children, ...rest }) {
  const [pending, run] = useOnce(async () => onPress?.(await session.token()));
  return button(rest, disabled, pending, run, children);
}

export function SignOutButton({ onSignedOut, onProblem, disabled, children, ...rest }) {
  const [pending, run] = useOnce(() =>
    session.signOut().then(() => onSignedOut?.(), () => onProblem?.()),
  );
  return button(rest, disabled, pending, run, children);
}
