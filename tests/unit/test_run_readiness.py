"""Which dependencies the start waits for."""

import json

import pytest

from coursebook.run.supervisor.readiness import lacks_only_redis

AWAY, FINE = "does not answer", "ok"


def _said(**parts: str) -> str:
    usual = {"database": FINE, "migrations": FINE, "redis": FINE, "worker": FINE}
    return json.dumps({"code": "unavailable", "parts": usual | parts})


@pytest.mark.parametrize(
    ("said", "is_enough"),
    [
        (_said(redis=AWAY), True),
        (_said(), False),
        (_said(redis="not used"), False),
        (_said(redis=AWAY, worker="has not run yet"), False),
        (_said(redis=AWAY, database=AWAY), False),
        (_said(database=AWAY), False),
        ("[Errno 111] Connection refused", False),
        ("[]", False),
        ('{"parts": null}', False),
        ("", False),
    ],
)
def test_only_redis_may_be_unavailable_at_the_start(said: str, is_enough: bool) -> None:
    assert lacks_only_redis(said) is is_enough
