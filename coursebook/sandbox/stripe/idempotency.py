"""Idempotency keys: store the first response of a key and replay it, byte for byte.

Rules: docs.stripe.com/api/idempotent_requests. Retention: 24 h of sandbox time.
"""

import hashlib
from dataclasses import dataclass

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.errors import StripeRefusal, bad_parameter
from coursebook.sandbox.store import Store

KIND = "idempotency"
RETENTION = 24 * 3600
MAX_KEY_LENGTH = 255


@dataclass(frozen=True)
class StoredResponse:
    """The response to the first call with a key."""

    status: int
    body: str
    request_id: str


class IdempotencyKeys:
    """The keys in use, and the stored responses of finished ones."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Use the store for responses; the keys in use are in memory."""
        self._store = store
        self._clock = clock
        self._in_use: set[str] = set()

    def claim(self, key: str, path: str, body: bytes) -> StoredResponse | None:
        """Reserve a key, or return its stored response. Raises `StripeRefusal` on a conflict."""
        if len(key) > MAX_KEY_LENGTH:
            raise bad_parameter("Idempotency keys have at most 255 characters.", "Idempotency-Key")
        self._store.delete_created_before(KIND, self._clock.seconds() - RETENTION)
        earlier = self._store.get(KIND, key)
        if earlier is not None:
            if earlier["digest"] != _digest(path, body):
                raise _mismatch(key, path, earlier["path"])
            return StoredResponse(earlier["status"], earlier["body"], earlier["request_id"])
        if key in self._in_use:
            raise _busy(key)
        self._in_use.add(key)
        return None

    def store(self, key: str, path: str, body: bytes, response: StoredResponse) -> None:
        """Store the response of a claimed key."""
        document = {
            "path": path,
            "digest": _digest(path, body),
            "status": response.status,
            "body": response.body,
            "request_id": response.request_id,
        }
        self._store.put(KIND, key, document, created=self._clock.seconds())

    def release(self, key: str) -> None:
        """Release a claimed key; without a stored response the next call is a new one."""
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
