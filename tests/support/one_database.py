"""For modules whose tests need not run on both databases: each on one, half of them on each."""

from zlib import crc32

import pytest

KINDS = ("sqlite_url", "postgres_url")


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database; which kind is drawn from the test's name, so always the same."""
    drawn = KINDS[crc32(request.node.name.encode()) % len(KINDS)]
    return str(request.getfixturevalue(drawn))
