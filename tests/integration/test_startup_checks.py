"""A product started by hand: configurations that `coursebook run` refuses are refused too."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursebook.run.problem import CannotStart
from coursebook.run.supervisor import locks
from coursebook.run.supervisor.locks import lock_for_serving
from coursebook.settings import Settings
from tests.support.ports import free_port
from tests.support.stack import ROOT, clean_environment

GRANIAN = ("-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1")


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    """Release the locks that a test took."""
    yield
    while locks._held:
        locks._held.pop().release()


def on(folder: Path, database_url: str = "") -> Settings:
    return Settings(_env_file=None, coursebook_data=folder, database_url=database_url)


def test_sqlite_is_served_by_one_process_and_then_by_the_next(tmp_path: Path):
    lock_for_serving(on(tmp_path), seconds=0)
    with pytest.raises(CannotStart, match="SQLite supports only one"):
        lock_for_serving(on(tmp_path), seconds=0)
    with pytest.raises(CannotStart, match="SQLite supports only one"):
        lock_for_serving(on(tmp_path / "x", f"sqlite:///{tmp_path}/coursebook.db"), seconds=0)
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "coursebook.db")
    with pytest.raises(CannotStart, match="another process serves"):
        lock_for_serving(on(tmp_path / "y", f"sqlite:///{link}"), seconds=0)
    lock_for_serving(on(tmp_path / "another"), seconds=0)
    locks._held.pop(0).release()
    lock_for_serving(on(tmp_path), seconds=0)


def test_a_serving_lock_that_is_a_symlink_is_refused_with_a_sentence(tmp_path: Path):
    target = tmp_path / "target"
    target.write_text("precious")
    (tmp_path / "coursebook.db.serving").symlink_to(target)
    with pytest.raises(CannotStart, match=r"coursebook\.db\.serving is a symbolic link"):
        lock_for_serving(on(tmp_path), seconds=0)
    assert target.read_text() == "precious"


def test_postgresql_is_served_by_any_number(tmp_path: Path):
    for _ in range(3):
        lock_for_serving(on(tmp_path, "postgresql://nobody@127.0.0.1/none"), seconds=0)
    assert list(tmp_path.iterdir()) == []


def test_a_second_worker_on_sqlite_ends_with_the_reason(tmp_path: Path):
    lock_for_serving(on(tmp_path), seconds=0)
    assert "SQLite supports only one. Start one worker" in started_by_hand(tmp_path)


def test_live_keys_beside_the_sandbox_end_with_the_reason(tmp_path: Path):
    live = {"STRIPE_SECRET_KEY": "sk_live_1", "COURSEBOOK_SANDBOX_URL": "http://localhost:1"}
    said = started_by_hand(tmp_path, **live)
    assert "STRIPE_SECRET_KEY is a live key: the sandbox does not run beside it." in said


def started_by_hand(data: Path, **settings: str) -> str:
    """Start granian directly, expect it to exit, and return its output."""
    words = [sys.executable, *GRANIAN, "--port", str(free_port()), "coursebook.asgi:factory"]
    environment = {**clean_environment(), "COURSEBOOK_DATA": str(data), **settings}
    ended = subprocess.run(
        words, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode != 0
    return ended.stdout + ended.stderr
