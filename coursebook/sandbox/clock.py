"""The time of the sandbox: the real time plus what a lever has moved it on by."""

import time

from coursebook.sandbox.store import Store

SETTING = "clock_offset"


class Clock:
    """Times are epoch seconds.

    Timers of the sandbox (session expiry, settlements, refunds, retries, idempotency keys) run by
    `now`. Whatever another program checks against its own clock (token times, webhook signatures)
    must use `real_now`.
    """

    def __init__(self, store: Store) -> None:
        """Take up the offset that an earlier run has stored."""
        self._store = store
        self._offset = float(store.setting(SETTING) or 0)

    @property
    def offset(self) -> float:
        """Seconds by which the sandbox is ahead of the real time."""
        return self._offset

    def now(self) -> float:
        """Return the time of the sandbox."""
        return time.time() + self._offset

    def seconds(self) -> int:
        """Return the time of the sandbox in whole seconds."""
        return int(self.now())

    def real_now(self) -> float:
        """Return the time on everybody else's clock."""
        return time.time()

    def advance(self, seconds: float) -> None:
        """Move the sandbox ahead; it never goes back, since nothing that happened can be undone."""
        if seconds < 0:
            raise ValueError("the clock moves forwards only")
        self._offset += seconds
        self._store.remember(SETTING, repr(self._offset))
