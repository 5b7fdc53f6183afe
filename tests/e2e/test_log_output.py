"""The product starts and keeps running when its log is full or unread."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import httpx
import psutil
import pytest

from tests.support.ports import free_run
from tests.support.stack import COMMAND, RENDERER, ROOT, clean_environment, end_with_children

Answer = TypeVar("Answer")


@pytest.fixture(params=["full disk", "stalled reader"])
def log(request: pytest.FixtureRequest) -> Iterator[int]:
    """A file descriptor that accepts no data."""
    if request.param == "full disk":
        full = os.open("/dev/full", os.O_WRONLY)
        yield full
        os.close(full)
        return
    ours, theirs = os.pipe()
    own = os.open(f"/proc/self/fd/{theirs}", os.O_WRONLY | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(own, b"x")
    os.close(own)
    yield theirs
    os.close(theirs)
    os.close(ours)


def test_with_a_log_that_takes_nothing_it_starts_and_replaces_what_dies(
    tmp_path: Path, log: int
) -> None:
    port = free_run(3)
    environment = {**clean_environment(), "COURSEBOOK_DATA": str(tmp_path / "data")}
    process = subprocess.Popen(
        [COMMAND, "run", "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    try:
        _until(lambda: _is_ready(process, port), 300)
        for _ in range(2):
            renderer = _until(lambda: _renderer(process), 60)
            os.killpg(renderer.pid, signal.SIGKILL)
            _until(lambda old=renderer: _is_another(process, old), 60)  # type: ignore[misc]
        assert _is_ready(process, port)
    finally:
        survivors = end_with_children(process, seconds=15)
    assert survivors == []
    assert process.returncode == 0


def _is_ready(process: subprocess.Popen[bytes], port: int) -> bool:
    assert process.poll() is None, "the command has ended"
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/api/ready", timeout=10)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK


def _renderer(process: subprocess.Popen[bytes]) -> psutil.Process | None:
    """The renderer, or None. During the exec of Node its command line is briefly empty."""
    for child in psutil.Process(process.pid).children():
        with suppress(psutil.Error):  # it has just ended
            if any(RENDERER in part for part in child.cmdline()):
                return child
    return None


def _is_another(process: subprocess.Popen[bytes], old: psutil.Process) -> bool:
    return _renderer(process) not in (None, old)


def _until(answer: Callable[[], Answer | None], seconds: float) -> Answer:
    """Ask until the answer is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := answer()):
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.2)
    return found
