"""Fixtures of databases and Redis for all kinds of tests. A plugin of the root conftest."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursebook.persistence.maintenance.migrate import upgrade_to_head
from tests.support.postgres import PostgresCluster, postgres_cluster, run_apart
from tests.support.redis import clear_redis, redis_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """A PostgreSQL cluster, started when the first test asks for it."""
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "coursebook.db"
    run_apart(upgrade_to_head(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database with all tables and no rows."""
    path = tmp_path / "coursebook.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: PostgresCluster) -> Iterator[str]:
    """A fresh PostgreSQL database with all tables and no rows."""
    url = postgres.fresh_database()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on both kinds of database, each fresh."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def module_database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The same for all tests of a module, which leave it as they found it: a tenth of the time."""
    if request.param == "postgres":
        cluster: PostgresCluster = request.getfixturevalue("postgres")
        url = cluster.fresh_database()
        yield url
        cluster.drop(url)
    else:
        path = tmp_path_factory.mktemp("module") / "coursebook.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"


@pytest.fixture(scope="session")
def redis_session() -> Iterator[str]:
    """The address of a Redis server, started when the first test asks for it."""
    with redis_server() as url:
        yield url


@pytest.fixture
def redis_url(redis_session: str) -> str:
    """An empty Redis."""
    clear_redis(redis_session)
    return redis_session
