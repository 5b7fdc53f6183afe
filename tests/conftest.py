"""What holds for all tests: no settings from outside, the order, and where fixtures come from."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer

from coursebook.settings import SchoolSettings, Settings
from tests.support.certificates import keep_certificates
from tests.support.scheduling import UnitScheduling, in_turn, order_of, scheduling

gc.disable()  # until everything is collected: a fifth of the imports' time went into it

TESTS = Path(__file__).parent
FIXTURES = ("tests.support.database_fixtures", "tests.support.product_fixtures")
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
    """Load the fixtures, and let each process of `pytest -n` begin with other folders.

    The first process that meets a file rewrites its asserts, and the others read the result. The
    one that starts them runs no test: it does not import the product, for which they would wait.
    """
    if config.getoption("dist", default="no") == "no" or hasattr(config, "workerinput"):
        for name in FIXTURES:
            config.pluginmanager.import_plugin(name)
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
