"""The clock of the sandbox: the real time plus an offset that test controls increase."""

import time

from coursebook.sandbox.store import Store

SETTING = "clock_offset"


class Clock:
    """Times are epoch seconds.

    The sandbox's own timers (session expiry, settlement, refunds, retries, idempotency keys) use
    `now`. Times that another program checks against its own clock (tokens, webhook signatures)
    use `real_now`.
    """

    def __init__(self, store: Store) -> None:
        """Restore the offset of an earlier run."""
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
        """Return the real time."""
        return time.time()

    def advance(self, seconds: float) -> None:
        """Move the clock forward. It never moves back: events that happened cannot be undone."""
        if seconds < 0:
            raise ValueError("the clock moves forwards only")
        self._offset += seconds
        self._store.set_setting(SETTING, repr(self._offset))
