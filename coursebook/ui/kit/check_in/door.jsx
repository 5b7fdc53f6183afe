// The page at the door. A row is a button that checks in; what came of a scan fills the screen.
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useParams } from "react-router";
import { call, doorList, hashOf, shownTick } from "./door_list.js";
import { Scanner } from "./scanner.jsx";
import { Result, WalkIn } from "./faces.jsx";
import { Sign, fill, texts } from "./texts.jsx";

const MOST_PARTS = 48;
const CODE = /^(CB1:)?[A-Z]{20}$/;
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const signInPath = ({ signIn }) => `${signIn}?next=${encodeURIComponent(window.location.pathname)}`;
const codeOf = (typed) => typed.toUpperCase().replace(/\s+/g, "");

function Row({ person, tick, list, words, look, onTap, onMore }) {
  const { clock, sum } = texts(list.meeting, words);
  const notes = [person.note, ...person.tags].filter(Boolean);
  const isWarned = notes.some((note) => /allerg/i.test(note));
  const line = !tick.isHere
    ? tick.state === "absent" || tick.state === "excused" ? words[tick.state] : ""
    : tick.isSent
      ? fill(words.since, { time: clock(tick.at) })
      : fill(words.notSent, { time: clock(tick.at) });
  const mark = tick.isHere ? (tick.isSent ? "sent" : "own") : "none";
  return (
    <li className={look.row} data-testid="person" data-state={tick.isHere ? "present" : tick.state}>
      <button type="button" className={look.rowButton} aria-pressed={tick.isHere} onClick={onTap}>
        <span className={look.mark} data-mark={mark}>{tick.isHere && <Sign name="check" />}</span>
        <span className={look.person}>
          <span className={look.name} dir="auto">{person.name}</span>
          <span className={look.lines}>
            {line && <span className={tick.isHere && tick.isSent ? look.good : look.soft}>{line}</span>}
            {person.owed && <span className={look.owes}>{fill(words.owes, { sum: sum(person.owed) })}</span>}
            {notes.length > 0 && (
              <span className={isWarned ? look.warned : look.soft} dir="auto">
                {isWarned && <Sign name="alert" small />}
                {notes.join(", ")}
              </span>
            )}
          </span>
        </span>
      </button>
      <button
        type="button"
        className={look.more}
        aria-label={fill(words.more, { name: person.name })}
        onClick={onMore}
      >
        <Sign name="dots" />
      </button>
    </li>
  );
}

// A part for each person, up to as many as can be told apart.
function Bar({ here, all, look }) {
  if (all > MOST_PARTS) return <progress className={look.bar} value={here} max={all} aria-hidden="true" />;
  return (
    <div className={look.parts} aria-hidden="true">
      {Array.from({ length: all }, (_, number) => (
        <span key={number} className={look.part} data-here={number < here || undefined} />
      ))}
    </div>
  );
}

function refusalText(refusal, words, clock) {
  const { kind, name, tick } = refusal;
  const values = { name, time: tick ? clock(tick.at) : "", who: tick?.by ?? "" };
  return fill(words.refusals[kind === "already" && !values.who ? "alreadyBySomebody" : kind], values);
}

function Refusals({ refusals, words, look, clock, onClose }) {
  const close = useRef(null);
  if (refusals.length === 0) return null;
  return (
    <section className={look.refusals} role="alert" data-testid="refusals">
      <ul>
        {refusals.map((refusal) => (
          <li key={refusal.id}>{refusalText(refusal, words, clock)}</li>
        ))}
      </ul>
      <button type="button" ref={close} className={look.quiet} onClick={onClose}>{words.understood}</button>
    </section>
  );
}

function Strip({ state, words, paths, look, hasWalkIn, onWalkIn }) {
  const [isLate, setIsLate] = useState(false);
  const count = state.lines.length;
  useEffect(() => {
    if (count === 0) return setIsLate(false);
    const timer = setTimeout(() => setIsLate(true), 3000);
    return () => clearTimeout(timer);
  }, [count === 0]);
  const isShown = !state.isOnline || state.isSignedOut || isLate;
  return (
    <footer className={look.strip} data-away={isShown || undefined}>
      <div className={look.stripText} role="status" data-testid="not-sent">
        {isShown && <Sign name="wifiOff" />}
        {isShown && (
          <p>
            {count > 0 && <b>{fill(words.notSentCount, { count })}</b>}{" "}
            <span>{state.isSignedOut ? words.signedOut : words.noNetwork}</span>{" "}
            {state.isSignedOut && <a href={signInPath(paths)} className={look.link}>{words.signIn}</a>}
          </p>
        )}
      </div>
      {hasWalkIn && (
        <button type="button" className={look.pill} onClick={onWalkIn}>
          <Sign name="userPlus" />
          {words.walkIn}
        </button>
      )}
    </footer>
  );
}

function useDoor(meetingId) {
  const door = useMemo(() => doorList(meetingId), [meetingId]);
  useEffect(() => {
    door.start();
    return door.stop;
  }, [door]);
  return [door, useSyncExternalStore(door.subscribe, door.get, door.get)];
}

export function Door({ words, paths, look }) {
  const meetingId = useParams().meeting_key;
  const [door, state] = useDoor(meetingId);
  const [query, setQuery] = useState("");
  const [face, setFace] = useState({ kind: "list" }); // or scan, result, walkIn
  const [said, setSaid] = useState("");
  const search = useRef(null);
  const { list, lines } = state;
  if (!list) return <Faceless state={state} words={words} paths={paths} look={look} onAgain={door.sync} />;
  const { clock } = texts(list.meeting, words);
  const ticks = new Map(list.people.map((person) => [person.booking_id, shownTick(person, lines)]));
  const here = [...ticks.values()].filter((tick) => tick.isHere).length;
  const owing = list.people.filter((person) => person.owed).length;
  const typed = folded(query.trim());
  const isHit = (person) => folded(person.name).includes(typed) || folded(person.number).includes(typed);
  const hits = typed ? list.people.filter(isHit) : list.people;
  const backToList = () => {
    setFace({ kind: "list" });
    setTimeout(() => search.current?.focus());
  };
  const show = (kind, person) => setFace({ kind: "result", result: kind, person });
  const checkIn = (person, code, isWhole) => {
    const tick = ticks.get(person.booking_id);
    if (tick.isHere) return show("already", person);
    door.tick(person, code);
    if (isWhole) return show("done", person);
    return setSaid(fill(words.saidHere, { name: person.name }));
  };
  const checkInCode = async (text) => {
    const code = codeOf(text).replace(/^CB1:/, "");
    const hash = CODE.test(code) ? await hashOf(code) : "";
    const person = hash ? list.people.find((one) => one.code_hash === hash) : undefined;
    if (person) return checkIn(person, code, true);
    const answer = CODE.test(code) ? await door.ask(code) : null;
    const found = answer?.booking_id && door.get().list?.people.find((one) => one.booking_id === answer.booking_id);
    if (found) return show(answer.answer === "done" ? "done" : "already", found);
    const isUnknown = answer?.answer === "unknown" || !CODE.test(code);
    return show(isUnknown ? "unknown" : answer?.reason || "another_course", null);
  };
  const onEnter = (event) => {
    event.preventDefault();
    if (CODE.test(codeOf(query))) checkInCode(query);
    else if (hits.length === 1 && typed) checkIn(hits[0], "", false);
    else return;
    setQuery("");
  };
  if (face.kind === "scan") {
    return <Scanner words={words} look={look} onClose={backToList} onCode={checkInCode} />;
  }
  if (face.kind === "walkIn") {
    const added = async (bookingId) => {
      await door.sync();
      const person = door.get().list?.people.find((one) => one.booking_id === bookingId);
      if (!person) return backToList();
      door.tick(person, "");
      return show("done", person);
    };
    return <WalkIn list={list} words={words} look={look} call={call} onAdded={added} onClose={backToList} />;
  }
  if (face.kind === "result") {
    const person = list.people.find((one) => one.booking_id === face.person?.booking_id);
    return (
      <Result
        kind={face.result}
        person={person}
        tick={person && shownTick(person, lines)}
        here={here}
        list={list}
        words={words}
        look={look}
        call={call}
        said={face.said}
        onTaken={async (taken) => {
          await door.sync();
          if (taken) setFace({ ...face, said: fill(words.cashRecorded, { sum: taken }) });
        }}
        onScan={() => setFace({ kind: "scan" })}
        onClose={backToList}
        onTick={() => checkIn(person, "", true)}
        onUndo={() => {
          door.undo(person);
          backToList();
          setSaid(fill(words.saidUndone, { name: person.name }));
        }}
      />
    );
  }
  const { meeting } = list;
  const [countBefore, countAfter] = fill(words.here, { all: list.people.length }).split("{here}");
  return (
    <div className={look.column} data-testid="door">
      <header className={look.head}>
        <div className={look.topLine}>
          <a href={paths.back} className={look.back}><Sign name="back" small />{words.back}</a>
          <span>{clock(meeting.starts_at)}–{clock(meeting.ends_at)}</span>
        </div>
        <h1 className={look.title} dir="auto">{meeting.title}</h1>
        <div className={look.countLine}>
          <p className={look.count} data-testid="count">
            {countBefore}<span className={look.number}>{here}</span>{countAfter}
          </p>
          {owing > 0 && <p className={look.soft}>{fill(owing === 1 ? words.owingOne : words.owing, { count: owing })}</p>}
        </div>
        <Bar here={here} all={list.people.length} look={look} />
      </header>
      <form className={look.tools} role="search" onSubmit={onEnter}>
        <button type="button" className={look.scan} onClick={() => setFace({ kind: "scan" })}>
          <Sign name="qr" />
          {words.scan}
        </button>
        <div className={look.searchBox}>
          <Sign name="search" small />
          <input
            ref={search}
            type="search"
            className={look.search}
            placeholder={words.search}
            aria-label={words.search}
            value={query}
            autoComplete="off"
            autoCapitalize="off"
            enterKeyHint="go"
            onChange={(event) => setQuery(event.target.value)}
          />
        </div>
      </form>
      <p className={look.spoken} role="status">{said}</p>
      <Refusals
        refusals={state.refusals}
        words={words}
        look={look}
        clock={clock}
        onClose={() => {
          door.forgetRefusals();
          search.current?.focus();
        }}
      />
      <ul className={look.list}>
        {hits.map((person) => (
          <Row
            key={person.booking_id}
            person={person}
            tick={ticks.get(person.booking_id)}
            list={list}
            words={words}
            look={look}
            onTap={() => checkIn(person, "", false)}
            onMore={() => show("person", person)}
          />
        ))}
      </ul>
      {hits.length === 0 && <p className={look.empty}>{typed ? words.noHit : words.nobody}</p>}
      <Strip
        state={state}
        words={words}
        paths={paths}
        look={look}
        hasWalkIn={list.may_add}
        onWalkIn={() => setFace({ kind: "walkIn" })}
      />
    </div>
  );
}

function Faceless({ state, words, paths, look, onAgain }) {
  if (state.face === "loading") {
    return <p className={look.alone} role="status" data-loading="">{words.loading}</p>;
  }
  const kind = state.isOnline ? state.face : "offline";
  return (
    <div className={look.alone} data-face={kind}>
      <h1 className={look.title}>{words.faceTitles[kind] ?? words.faceTitles.error}</h1>
      <p>{words.faceTexts[kind] ?? words.faceTexts.error}</p>
      {kind === "signed_out" ? (
        <a href={signInPath(paths)} className={look.scan}>{words.signIn}</a>
      ) : kind === "missing" ? (
        <a href={paths.back} className={look.pill}>{words.back}</a>
      ) : (
        <button type="button" className={look.pill} onClick={onAgain}>{words.again}</button>
      )}
    </div>
  );
}
