"""Integration tests: services and API with real databases, Redis, SMTP and the sandbox."""

from collections.abc import Iterator

import pytest

from tests.support.log_format import plain_log


@pytest.fixture(autouse=True)
def _plain_log() -> Iterator[None]:
    with plain_log():
        yield
