"""Heartbeats: hanging processes are found, living ones are left running."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursebook.run.supervisor.heartbeats import (
    ASLEEP_SECONDS,
    EVERY_SECONDS,
    HUNG_SECONDS,
    VARIABLE,
    Heartbeats,
    belongs_to,
    heartbeats,
)
from coursebook.run.supervisor.systemd import READY, notify_systemd


@pytest.fixture
def beats(tmp_path: Path) -> Heartbeats:
    made = Heartbeats(tmp_path / "beats")
    made.begin()
    return made


def _beat(beats: Heartbeats, pid: int, at: int) -> None:
    file = beats._folder / str(pid)
    file.touch()
    os.utime(file, (at, at))


def test_a_process_without_heartbeats_is_reported_once(beats: Heartbeats) -> None:
    _beat(beats, 7, at=1)
    named = [beats.hung(now, []) for now in range(60)]
    when = [now for now, found in enumerate(named) if found]
    assert when == [HUNG_SECONDS + 1]
    assert named[when[0]] == [7]
    assert HUNG_SECONDS + 5 < 30


def test_heartbeats_do_not_depend_on_the_wall_clock(beats: Heartbeats) -> None:
    for now in range(100):
        _beat(beats, 7, at=10_000_000 - now)  # the clock runs backwards
        assert beats.hung(float(now), []) == []


def test_suspending_the_machine_reports_no_hang(beats: Heartbeats) -> None:
    _beat(beats, 7, at=1)
    assert beats.hung(0.0, []) == []
    assert beats.hung(3600.0, []) == []
    assert beats.hung(3601.0, []) == []
    assert HUNG_SECONDS > ASLEEP_SECONDS > EVERY_SECONDS


def test_files_of_the_previous_run_are_ignored(beats: Heartbeats) -> None:
    _beat(beats, 7, at=1)
    beats.begin()
    assert all(beats.hung(float(now), []) == [] for now in range(60))


def test_files_are_checked_at_most_once_a_second(beats: Heartbeats) -> None:
    _beat(beats, 7, at=1)
    pids = [pid for tick in range(300) for pid in beats.hung(tick / 5, [])]
    assert pids == [7]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    program = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(program, start_new_session=True) as process:
        yield process
        process.kill()


def test_a_child_without_heartbeats_hangs_only_when_it_was_stopped(
    beats: Heartbeats, sleeper: subprocess.Popen[bytes]
) -> None:
    pid = sleeper.pid
    assert all(beats.hung(float(now), [pid]) == [] for now in range(60))
    os.kill(pid, signal.SIGSTOP)
    os.waitpid(pid, os.WUNTRACED)
    assert [pid in beats.hung(float(now), [pid]) for now in range(60, 90)].count(True) == 1


def test_a_process_stopped_before_its_first_heartbeat_hangs(beats: Heartbeats) -> None:
    inner = "import signal, os; os.kill(os.getpid(), signal.SIGSTOP)"
    outer = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {inner!r}]); "
    outer += "print(p.pid, flush=True); p.wait()"
    starter = [sys.executable, "-c", outer]
    with subprocess.Popen(starter, stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            pid = int(process.stdout.readline())
            while "T" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:1]:
                time.sleep(0.01)
            named = [beats.hung(float(now), [process.pid]) for now in range(30)]
            assert [found for found in named if found] == [[pid]]
            assert belongs_to(pid, process.pid)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_only_our_own_children_are_killed(sleeper: subprocess.Popen[bytes]) -> None:
    assert belongs_to(sleeper.pid, sleeper.pid)
    assert not belongs_to(os.getpid(), sleeper.pid)
    assert not belongs_to(2**22 + 1, sleeper.pid)


async def test_an_event_loop_beats_and_removes_its_file_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr("coursebook.run.supervisor.heartbeats.EVERY_SECONDS", 0.01)
    mine = tmp_path / str(os.getpid())
    async with heartbeats():
        await asyncio.sleep(0.05)
        os.utime(mine, (0, 0))
        await asyncio.sleep(0.1)
        assert mine.stat().st_mtime > 0
    assert not mine.exists()


async def test_without_a_supervisor_there_are_no_heartbeats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    async with heartbeats():
        await asyncio.sleep(0)


@pytest.mark.parametrize("is_abstract", [False, True])
def test_systemd_is_notified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_abstract: bool
) -> None:
    name = f"@coursebook-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(name.replace("@", "\0") if is_abstract else name)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        notify_systemd(READY)
        assert systemd.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "nonsense", "/nowhere/at/all"])
def test_without_a_systemd_socket_nothing_happens(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    notify_systemd(READY)
