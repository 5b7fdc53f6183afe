"""Integration tests: services and API with real databases, Redis, SMTP and the sandbox."""

from collections.abc import AsyncIterator, Iterator

import pytest

from coursebook.persistence.engine.databases import Database, open_database
from tests.support.log_format import plain_log
from tests.support.rows import delete_all


@pytest.fixture(autouse=True)
def _plain_log() -> Iterator[None]:
    with plain_log():
        yield


@pytest.fixture(scope="module")
async def opened_database(module_database_url: str) -> AsyncIterator[Database]:
    """A migrated database of a module's own, on each engine."""
    database = open_database(module_database_url)
    yield database
    await database.close()


@pytest.fixture
async def emptied_database(opened_database: Database) -> AsyncIterator[Database]:
    """The same without the rows of the test before."""
    yield opened_database
    await delete_all(opened_database)
