"""Idempotency keys: the first answer is kept and given again, byte for byte.

Rules: docs.stripe.com/api/idempotent_requests. Kept for 24 h of sandbox time.
"""

import hashlib
from dataclasses import dataclass

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.errors import StripeRefusal, bad_parameter
from coursebook.sandbox.store import Store

KIND = "idempotency"
KEPT_SECONDS = 24 * 3600
LONGEST_KEY = 255


@dataclass(frozen=True)
class Kept:
    """A stored answer."""

    status: int
    body: str
    request_id: str


class Keys:
    """Which keys are in use, and what was answered to those that are done."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Use the store for answers; keys in use live as long as the program."""
        self._store = store
        self._clock = clock
        self._in_use: set[str] = set()

    def claim(self, key: str, path: str, body: bytes) -> Kept | None:
        """Reserve a key, or return the answer it had. Raises `StripeRefusal` on a conflict."""
        if len(key) > LONGEST_KEY:
            raise bad_parameter("Idempotency keys have at most 255 characters.", "Idempotency-Key")
        self._store.delete_created_before(KIND, self._clock.seconds() - KEPT_SECONDS)
        known = self._store.get(KIND, key)
        if known is not None:
            if known["digest"] != _digest(path, body):
                raise _mismatch(key, path, known["path"])
            return Kept(known["status"], known["body"], known["request_id"])
        if key in self._in_use:
            raise _busy(key)
        self._in_use.add(key)
        return None

    def keep(self, key: str, path: str, body: bytes, answer: Kept) -> None:
        """Keep the answer of a claimed key."""
        kept = {
            "path": path,
            "digest": _digest(path, body),
            "status": answer.status,
            "body": answer.body,
            "request_id": answer.request_id,
        }
        self._store.put(KIND, key, kept, created=self._clock.seconds())

    def release(self, key: str) -> None:
        """Give a claimed key back; without a kept answer the next call is a new one."""
        self._in_use.discard(key)


def _digest(path: str, body: bytes) -> str:
    return hashlib.sha256(path.encode() + b"\n" + body).hexdigest()


def _mismatch(key: str, path: str, first_path: str) -> StripeRefusal:
    if path == first_path:
        rule = "with the same parameters they were first used with"
    else:
        rule = f"for the same endpoint they were first used for ('{path}' is not '{first_path}')"
    return StripeRefusal(
        f"Keys for idempotent requests can only be used {rule}. Try using a key other than"
        f" '{key}' if you meant to execute a different request.",
        kind="idempotency_error",
        remembered=False,
    )


def _busy(key: str) -> StripeRefusal:
    return StripeRefusal(
        f"There is currently another in-progress request using this Idempotent Key: {key}."
        " Please try again later.",
        status=409,
        code="idempotency_key_in_use",
        remembered=False,
    )
