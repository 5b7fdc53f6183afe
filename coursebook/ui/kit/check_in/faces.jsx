// What fills the screen: what came of a scan, one person, and the form for a walk-in.
import { useEffect, useRef, useState } from "react";
import { Sign, fill, texts } from "./texts.jsx";

const TONES = { done: "good", already: "accent", person: "plain", unknown: "bad", another_course: "bad", no_place: "bad" };

function useFocus() {
  const target = useRef(null);
  useEffect(() => target.current?.focus(), []);
  return target;
}

// What somebody owes. Cash is recorded at once, after one question with its sum; what is kept goes along, so
// that money which came meanwhile is not taken twice.
function Debt({ person, mayTake, words, look, sum, call, onTaken }) {
  const [step, setStep] = useState("owes"); // or asking, busy
  const [problem, setProblem] = useState("");
  const key = useRef("");
  const confirm = useRef(null);
  const owed = sum(person.owed);
  useEffect(() => {
    if (step === "asking") confirm.current?.focus();
  }, [step]);
  const ask = () => {
    key.current ||= `cash-${Date.now()}-${Math.random().toString(36).slice(2)}`;
    setProblem("");
    setStep("asking");
  };
  const take = async () => {
    if (step === "busy") return;
    setStep("busy");
    const body = { amount: person.owed.amount, method: "cash", expect: person.kept };
    const path = `/api/manage/bookings/${person.booking_id}/payments`;
    const headers = { "Idempotency-Key": key.current, "Accept-Language": document.documentElement.lang };
    const answer = await call(path, body, headers);
    if (answer.status !== 0) key.current = ""; // another try is another call
    if (answer.status === 201) return onTaken(owed);
    setProblem(words.cashProblems[answer.status === 0 ? "offline" : answer.body?.code] ?? words.cashProblems.other);
    setStep("owes");
    return answer.status === 409 && onTaken("");
  };
  return (
    <div className={look.debt}>
      <b>{fill(words.owes, { sum: owed })}</b>
      {mayTake && step === "owes" && (
        <button type="button" className={look.cash} onClick={ask}>{words.takeCash}</button>
      )}
      {mayTake && step !== "owes" && (
        <span className={look.answers}>
          <button type="button" ref={confirm} className={look.cash} aria-busy={step === "busy" || undefined} onClick={take}>
            {fill(words.cashTaken, { sum: owed })}
          </button>
          <button type="button" className={look.quiet} onClick={() => setStep("owes")}>{words.notNow}</button>
        </span>
      )}
      <p className={look.problem} role="alert">{problem}</p>
    </div>
  );
}

export function Result({ kind, person, tick, here, list, words, look, call, said, onScan, onClose, onTick, onTaken, onUndo }) {
  const { clock, sum } = texts(list.meeting, words);
  const title = useFocus();
  const notes = person ? [person.note, ...person.tags].filter(Boolean) : [];
  const counted = fill(words.of, { here, all: list.people.length });
  const isBefore = kind === "already" && tick?.isSent;
  const since = tick?.isHere
    ? fill(isBefore ? (tick.by ? words.alreadyBy : words.already) : words.since, {
        time: clock(tick.at),
        who: tick.by,
      })
    : "";
  return (
    <div className={look.screen} data-face={kind} data-tone={TONES[kind]} data-testid="result">
      <div className={look.topLine}>
        <span dir="auto">{list.meeting.title}</span>
        <button type="button" className={look.close} aria-label={words.close} onClick={onClose}>
          <Sign name="close" />
        </button>
      </div>
      <div className={look.message} role="status">
        {kind === "done" && <span className={look.seal}><Sign name="check" /></span>}
        <h1 className={look.big} ref={title} tabIndex={-1} dir="auto">
          {person ? person.name : words.codeTitles[kind]}
        </h1>
        <p>{person ? [since, counted].filter(Boolean).join(" · ") : words.codeTexts[kind]}</p>
        {said && <p>{said}</p>}
      </div>
      {notes.length > 0 && (
        <p className={look.card} data-warned={notes.some((note) => /allerg/i.test(note)) || undefined} dir="auto">
          {notes.join(", ")}
        </p>
      )}
      {person?.owed && <Debt person={person} mayTake={list.may_take_money} words={words} look={look} sum={sum} call={call} onTaken={onTaken} />}
      <div className={look.foot}>
        {kind === "person" ? (
          <button type="button" className={look.wide} onClick={tick.isHere ? onClose : onTick}>
            {tick.isHere ? words.backToList : words.checkIn}
          </button>
        ) : (
          <button type="button" className={look.wide} onClick={onScan}>
            <Sign name="qr" />
            {words.scanNext}
          </button>
        )}
        {person && tick?.isHere ? (
          <button type="button" className={look.undo} onClick={onUndo}>
            <Sign name="undo" small />
            {words.undo}
          </button>
        ) : (
          <button type="button" className={look.undo} onClick={onClose}>{words.searchName}</button>
        )}
      </div>
    </div>
  );
}

export function WalkIn({ list, words, look, call, onAdded, onClose }) {
  const { sum } = texts(list.meeting, words);
  const { meeting } = list;
  const isFree = meeting.price.amount === 0;
  const [how, setHow] = useState(isFree ? "free" : "cash");
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const name = useFocus();
  const key = useRef(`walk-in-${Date.now()}-${Math.random().toString(36).slice(2)}`);
  const ways = isFree ? ["free"] : ["cash", "terminal", "free"];
  const send = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    const typed = name.current.value.trim();
    if (!typed) {
      setProblem(words.nameMissing);
      name.current.focus();
      return;
    }
    setIsBusy(true);
    setProblem("");
    const pay = how === "free" ? { how: "complimentary" } : { how: "received", method: how };
    const body = { name: typed, pay, tell: false, one_more: true };
    const path = `/api/manage/courses/${meeting.course_id}/bookings`;
    const headers = { "Idempotency-Key": key.current, "Accept-Language": document.documentElement.lang };
    const answer = await call(path, body, headers);
    setIsBusy(false);
    if (answer.status === 201) onAdded(answer.body.id);
    else {
      const { code } = answer.body ?? {};
      setProblem(answer.status === 0 ? words.walkInOffline : (words.walkInProblems[code] ?? words.walkInProblems.other));
      if (answer.status !== 0) key.current += "+"; // another try is another call
    }
  };
  return (
    <form className={look.screen} data-face="walk-in" data-tone="plain" onSubmit={send} noValidate>
      <div className={look.topLine}>
        <span dir="auto">{meeting.title}</span>
        <button type="button" className={look.close} aria-label={words.close} onClick={onClose}>
          <Sign name="close" />
        </button>
      </div>
      <h1 className={look.title}>{words.walkIn}</h1>
      {meeting.is_full && <p>{words.walkInFull}</p>}
      <label className={look.label}>
        {words.name}
        <input ref={name} className={look.field} maxLength={200} autoComplete="off" aria-invalid={problem === words.nameMissing || undefined} />
      </label>
      <fieldset className={look.ways}>
        <legend>{words.pays}</legend>
        {ways.map((way) => (
          <label key={way} className={look.way}>
            <input type="radio" name="how" value={way} checked={how === way} onChange={() => setHow(way)} />
            {fill(words.ways[way], { sum: sum(meeting.price) })}
          </label>
        ))}
      </fieldset>
      <p className={look.problem} role="alert">{problem}</p>
      <div className={look.foot}>
        <button type="submit" className={look.scanWide} aria-busy={isBusy || undefined}>{words.walkInAdd}</button>
      </div>
    </form>
  );
}
