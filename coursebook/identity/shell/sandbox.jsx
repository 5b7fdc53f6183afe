// Signing in to the sandbox: __init__.py describes the contract of each part.
import { useEffect, useRef, useState } from "react";
import { signedIn, usePump } from "./common.jsx";
import { people as samplePeople, signIn, start } from "./sandbox_session.js";

export { SignOutButton, TokenButton, TokenOnce } from "./common.jsx";

export function IdentityShell({ onToken, isKnown, children }) {
  usePump(start, onToken, isKnown);
  return children ?? null;
}

function usePeople(unreachable) {
  const [people, setPeople] = useState(null);
  const [problem, setProblem] = useState("");
  const load = () => {
    setProblem("");
    samplePeople().then(setPeople, () => setProblem(unreachable));
  };
  useEffect(load, []);
  return { people, problem, setProblem, load };
}

export function SignInPanel({
  className, buttonClass, noticeClass, errorClass, onSignedIn, id, words,
}) {
  const { people, problem, setProblem, load } = usePeople(words.unreachable);
  const [busy, setBusy] = useState("");
  const isThere = useRef(true);
  useEffect(() => () => (isThere.current = false), []);
  const choose = async (email) => {
    setBusy(email);
    setProblem("");
    try {
      const token = await signIn(email);
      if (isThere.current) signedIn(token, onSignedIn); // do not redirect after a navigation
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
