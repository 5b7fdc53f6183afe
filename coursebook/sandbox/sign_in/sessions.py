"""Sign-in sessions of browsers, durable across restarts.

Times are epoch seconds of the real clock, not of the sandbox's: the product checks token expiry
against its own clock, which does not move with the sandbox's.
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
SEEN_INTERVAL = 30
RETENTION = 30 * 24 * 3600
"""Time that an ended session stays on the list."""

Ending = Literal["ended", "revoked", "replaced"]

_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")


class SignIns:
    """Sessions: a browser has at most one active session, a person may have many."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Use a store and its clock."""
        self._store = store
        self._clock = clock

    def begin(self, person: Person, agent: str, old_key: str = "") -> tuple[Body, str]:
        """Create a session; return it with the key that only the browser holds.

        `agent` is the `User-Agent`; `old_key` is the key of the session that this one replaces.
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
            self._store.delete_created_before(KIND, now - SESSION_SECONDS - RETENTION)
            self.end_of_browser(old_key, "replaced")
            self._save(session)
        return session, key

    def of_browser(self, key: str) -> Body | None:
        """Return the active session of the browser with this key, or None."""
        if not key:
            return None
        sessions = self._store.find(KIND, Filter(parent=_digest(key), status="active"), limit=1)
        return sessions[0] if sessions and self.is_active(sessions[0]) else None

    def is_active(self, session: Body) -> bool:
        """Whether a session has neither ended nor expired."""
        expires_at = session["created"] + SESSION_SECONDS
        return session["status"] == "active" and bool(expires_at > self._clock.real_now())

    def note_seen(self, session: Body) -> None:
        """Update the time of the last request, at most every `SEEN_INTERVAL` seconds."""
        now = int(self._clock.real_now())
        if now - session["seen"] >= SEEN_INTERVAL:
            self._save({**session, "seen": now})

    def end(self, session_id: str, ending: Ending) -> bool:
        """End a session. Return False if none with this id is active."""
        with self._store.transaction():
            session = self._store.get(KIND, session_id)
            if session is None or not self.is_active(session):
                return False
            now = int(self._clock.real_now())
            self._save({**session, "status": ending, "seen": now})
            return True

    def end_of_browser(self, key: str, ending: Ending) -> None:
        """End the session of a browser, if it has one."""
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
    """Return the name of the browser and system in a `User-Agent`."""
    program = next((name for mark, name in _BROWSERS if f"{mark}/" in agent), "")
    system = next((name for name in _SYSTEMS if name in agent), "")
    if program and system:
        return f"{program} on {system}"
    match = re.match(r"[A-Za-z][A-Za-z0-9._ -]{0,39}", agent)
    return program or (match[0] if match else "a program without a name")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
