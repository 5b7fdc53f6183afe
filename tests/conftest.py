"""Fixtures that more than one kind of test uses: databases and Redis."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer

from coursebook.persistence.maintenance.migrate import upgrade_to_head
from coursebook.settings import SchoolSettings, Settings
from tests.support.certificates import keep_certificates
from tests.support.postgres import PostgresCluster, postgres_cluster, run_apart
from tests.support.redis import clear_redis, redis_server
from tests.support.scheduling import UnitScheduling, in_turn, order_of, scheduling

gc.disable()  # until everything is collected: a fifth of the imports' time went into it

pytest_plugins = ["tests.support.product_fixtures"]

TESTS = Path(__file__).parent
RARELY = 200_000
"""Objects made between two looks for garbage."""

NO_SCHOOL = str(TESTS / "no-school")
os.environ["SCHOOL_DIR"] = NO_SCHOOL
"""A developer's own school is not part of the tests; pages read it while they are imported."""

keep_certificates()

# A test that was slow once, on a busy machine, has not failed.
settings.register_profile("coursebook", deadline=None)
settings.load_profile("coursebook")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the scale of the fuzz tests (tests/fuzz)."""
    usual = os.environ.get("COURSEBOOK_FUZZ_SCALE", "1")
    parser.addoption("--fuzz-scale", default=usual, help="run the fuzz tests N times as long")


def pytest_configure(config: pytest.Config) -> None:
    """Let each process of `pytest -n` begin with other folders.

    The first process that meets a file rewrites its asserts, and the others read the result.
    """
    is_shuffled = config.getoption("randomly_reorganize", default=False)  # the same order for all
    if is_shuffled and config.args == [TESTS.name]:
        config.args = in_turn(TESTS, os.environ.get("PYTEST_XDIST_WORKER", ""))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long tests first, so that no process of `pytest -n` is left alone with one."""
    items.sort(key=lambda item: order_of(item.nodeid))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Look for garbage rarely, and not among what stays: a tenth of the time went into looking."""
    gc.freeze()
    gc.set_threshold(RARELY, 20, 50)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> UnitScheduling | None:
    """Take our units and their order for `--dist=loadfile`."""
    return scheduling(config, log)


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the keys and addresses of a developer's environment and `.env` out of every test.

    What a command that a test calls sets in the environment ends with the test.
    """
    ours = [name.upper() for name in (*Settings.model_fields, "port")]
    for name in ours:
        monkeypatch.delenv(name, raising=False)
    for kind in (Settings, SchoolSettings):
        monkeypatch.setitem(kind.model_config, "env_file", None)
    monkeypatch.setenv("SCHOOL_DIR", NO_SCHOOL)
    yield
    for name in ours:
        os.environ.pop(name, None)


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
