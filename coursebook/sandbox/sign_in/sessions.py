"""Who is signed in where: sessions of browsers, kept over restarts.

Times are epoch seconds of the real clock: the sandbox's own may be moved, and tokens, whose end
the product checks against its clock, would not follow.
"""

import hashlib
import re
import secrets
from typing import Literal

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.sign_in.accounts import Person
from coursebook.sandbox.store import Body, Filter, Store

KIND = "identity_session"
SESSION_SECONDS = 7 * 24 * 3600
NOTED_EVERY = 30
KEPT_SECONDS = 30 * 24 * 3600
"""How long an ended session stays on the list."""

Ending = Literal["ended", "revoked", "replaced"]

_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")


class SignIns:
    """Sessions: one browser has at most one that lives, one person may have many."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep them in a store."""
        self._store = store
        self._clock = clock

    def begin(self, person: Person, agent: str, old_key: str = "") -> tuple[Body, str]:
        """Start a session; returns it with the key that only the browser knows.

        `agent` is the browser's own name of itself; `old_key` belongs to a session that this one
        replaces.
        """
        key, now = secrets.token_urlsafe(32), int(self._clock.real_now())
        session: Body = {
            "id": f"sess_{secrets.token_hex(12)}",
            "client": f"client_{secrets.token_hex(12)}",
            "key": _digest(key),
            "email": person.email,
            "browser": browser_name(agent),
            "created": now,
            "seen": now,
            "status": "active",
        }
        with self._store.transaction():
            self._store.delete_created_before(KIND, now - SESSION_SECONDS - KEPT_SECONDS)
            self.end_of_browser(old_key, "replaced")
            self._save(session)
        return session, key

    def of_browser(self, key: str) -> Body | None:
        """Return the session that lives in the browser with this key, or None."""
        if not key:
            return None
        found = self._store.find(KIND, Filter(parent=_digest(key), status="active"), limit=1)
        return found[0] if found and self.lives(found[0]) else None

    def lives(self, session: Body) -> bool:
        """Whether somebody is still signed in with it."""
        ends = session["created"] + SESSION_SECONDS
        return session["status"] == "active" and bool(ends > self._clock.real_now())

    def note_seen(self, session: Body) -> None:
        """Remember that the browser has asked just now."""
        now = int(self._clock.real_now())
        if now - session["seen"] >= NOTED_EVERY:
            self._save({**session, "seen": now})

    def end(self, session_id: str, ending: Ending) -> bool:
        """End a session for good; False when none with this id lives."""
        with self._store.transaction():
            session = self._store.get(KIND, session_id)
            if session is None or not self.lives(session):
                return False
            now = int(self._clock.real_now())
            self._save({**session, "status": ending, "seen": now})
            return True

    def end_of_browser(self, key: str, ending: Ending) -> None:
        """End the session of a browser; nothing happens when it has none."""
        session = self.of_browser(key)
        if session is not None:
            self.end(session["id"], ending)

    def _save(self, session: Body) -> None:
        self._store.put(
            KIND,
            session["id"],
            session,
            parent=session["key"],
            status=session["status"],
            created=session["created"],
        )


def browser_name(agent: str) -> str:
    """Return what a person calls the program behind a `User-Agent`."""
    program = next((name for mark, name in _BROWSERS if f"{mark}/" in agent), "")
    system = next((name for name in _SYSTEMS if name in agent), "")
    if program and system:
        return f"{program} on {system}"
    word = re.match(r"[A-Za-z][A-Za-z0-9._ -]{0,39}", agent)
    return program or (word[0] if word else "a program without a name")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
