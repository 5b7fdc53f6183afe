"""Children of `coursebook run`: restarted, stopped together, never orphaned."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from coursebook.run.supervisor.child import MIN_RESTART_DELAY, Child, ChildSpec

ROOT = Path(__file__).resolve().parents[2]
FAMILY = """
import subprocess, sys, time
helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1], "w").write(str(helper.pid))
time.sleep(600)
"""


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    new_child = Child(_spec("import time; time.sleep(600)"))
    new_child.start()
    yield new_child
    new_child.wait_or_kill(0)


def test_a_killed_child_is_restarted_after_a_pause(
    child: Child, capsys: pytest.CaptureFixture[str]
) -> None:
    first = child.pid
    assert first
    os.kill(first, signal.SIGKILL)
    _until(lambda: child.ended() is not None)
    now = time.monotonic()
    child.restart_if_ended(now)
    assert child.pid is None
    child.restart_if_ended(now + MIN_RESTART_DELAY)
    assert child.pid not in (None, first)
    assert "Tested ended unexpectedly (signal 9)" in capsys.readouterr().out


def test_a_crashing_child_is_restarted_with_growing_delays(
    capsys: pytest.CaptureFixture[str],
) -> None:
    child = Child(_spec("raise SystemExit(3)"))
    child.start()
    now = time.monotonic()
    for _ in range(2):
        _until(lambda: child.ended() is not None)
        child.restart_if_ended(now)
        now += 5
        child.restart_if_ended(now)
    child.wait_or_kill(0)
    output = capsys.readouterr().out
    assert "(exit code 3); restarting it in 0.5 s" in output
    assert "(exit code 3); restarting it in 1 s" in output


def test_stopping_a_child_stops_its_own_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    child = Child(_spec(FAMILY, str(note)))
    child.start()
    helper = psutil.Process(_number_in(note))
    child.terminate()
    child.wait_or_kill(time.monotonic() + 10)
    psutil.wait_procs([helper], timeout=10)
    assert not helper.is_running()


def test_a_child_that_ignores_sigterm_is_killed() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    child = Child(_spec(deaf))
    child.start()
    child.terminate()
    child.wait_or_kill(time.monotonic() + 0.2)
    assert child.pid is None


def test_killing_the_parent_kills_the_child(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = f"import os,time; open({str(note)!r},'w').write(str(os.getpid())); time.sleep(600)"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, program], cwd=ROOT, stdin=subprocess.DEVNULL
    )
    leashed = psutil.Process(_number_in(note))
    parent.kill()
    parent.wait()
    psutil.wait_procs([leashed], timeout=10)
    assert not leashed.is_running() or leashed.status() == psutil.STATUS_ZOMBIE


PARENT = """
import subprocess, sys
die_with_parent = [sys.executable, "-m", "coursebook.run.supervisor.die_with_parent"]
subprocess.run([*die_with_parent, sys.executable, "-c", sys.argv[1]])
"""


def _spec(program: str, *arguments: str) -> ChildSpec:
    command = (sys.executable, "-c", program, *arguments)
    return ChildSpec("Tested", command, dict(os.environ), ROOT)


def _number_in(note: Path) -> int:
    _until(lambda: note.exists() and note.read_text() != "")
    return int(note.read_text())


def _until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.01)
