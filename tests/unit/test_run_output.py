"""Output of our programs: a blocked output never ends one or drops a line silently."""

import fcntl
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coursebook.run.supervisor.child import Child, ChildSpec

ROOT = Path(__file__).resolve().parents[2]
LINES = 5000
TALKS = f"""
import sys, time, logging
from coursebook.run.output import steady_output
steady_output()
logging.basicConfig(stream=sys.stderr)
started = time.monotonic()
for number in range({LINES}):
    print(f"line {{number}} " + "x" * 100)
    logging.error("logged %s", number)
open(sys.argv[1], "w").write(str(time.monotonic() - started))
"""
STARTS = """
import time
from coursebook.run.output import say, steady_output
from coursebook.run.progress import step
steady_output()
with step("Preparing"):
    pass
say("said")
"""
FULL = "/dev/full"


def _told(*words: str, **streams: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        check=False,
        timeout=60,
        **streams,  # type: ignore[call-overload]
    )


@pytest.mark.parametrize("program", [TALKS, STARTS])
@pytest.mark.parametrize("where", [FULL, "closed pipe", "closed"])
def test_no_program_ends_because_its_output_is_unwritable(
    tmp_path: Path, program: str, where: str
) -> None:
    words = ("-c", program, str(tmp_path / "took"))
    if where == "closed":
        command = f"{sys.executable} -c '{program}' {tmp_path / 'took'} >&- 2>&-"
        done = subprocess.run(command, shell=True, cwd=ROOT, check=False, timeout=60)
    elif where == FULL:
        with Path(FULL).open("wb") as full:
            done = _told(*words, stdout=full, stderr=full)
    else:
        ours, theirs = os.pipe()
        os.close(ours)
        done = _told(*words, stdout=theirs, stderr=theirs)
        os.close(theirs)
    assert done.returncode == 0


def test_a_closed_standard_stream_is_not_reused_by_the_next_file(tmp_path: Path) -> None:
    file = tmp_path / "books"
    program = (
        "from coursebook.run.output import steady_output; import sys; steady_output();"
        f"books = open({str(file)!r}, 'w'); books.write('right'); books.close;"
        "import os; os.write(1, b'wrong'); os.write(2, b'wrong')"
    )
    command = f'{sys.executable} -c "{program}" >&- 2>&-'
    subprocess.run(command, shell=True, cwd=ROOT, check=False, timeout=60)
    assert file.read_text() == "right"


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_a_slow_reader_does_not_block_and_gets_every_line(tmp_path: Path, kind: str) -> None:
    took = tmp_path / "took"
    if kind == "pipe":
        ours, theirs = os.pipe()
    else:
        pair = socket.socketpair()
        ours, theirs = pair[0].detach(), pair[1].detach()
    talking = subprocess.Popen(
        [sys.executable, "-c", TALKS, str(took)], cwd=ROOT, stdout=theirs, stderr=theirs
    )
    deadline = time.monotonic() + 30
    while not took.exists() or not took.read_text():
        assert time.monotonic() < deadline, "the program blocks on its reader"
        time.sleep(0.01)
    shared = fcntl.fcntl(theirs, fcntl.F_GETFL)
    os.close(theirs)
    output = b""
    while part := os.read(ours, 65536):
        output += part
    os.close(ours)
    assert talking.wait(30) == 0
    assert not shared & os.O_NONBLOCK, (
        "a shared stream must stay blocking, or other programs lose lines"
    )
    assert len(re.findall(rb"^line \d+ x{100}$", output, re.MULTILINE)) == LINES
    assert len(re.findall(rb"logged \d+$", output, re.MULTILINE)) == LINES


def test_output_lost_to_a_full_disk_is_counted_afterwards(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = (
        "import resource; from coursebook.run.output import steady_output; steady_output();"
        "print('first');"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (6, resource.RLIM_INFINITY));"
        "print('lost'); print('lost too');"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2);"
        "print('last')"
    )
    assert resource.RLIM_INFINITY
    with log.open("wb") as file:
        assert _told("-c", program, stdout=file).returncode == 0
    assert log.read_text() == "first\nlast\n14 bytes of output were lost before this.\n"


def test_a_stuck_reader_does_not_keep_a_program_from_ending(
    tmp_path: Path,
) -> None:
    ours, theirs = os.pipe()
    talking = subprocess.Popen(
        [sys.executable, "-c", TALKS, str(tmp_path / "took")], cwd=ROOT, stdout=theirs
    )
    os.close(theirs)
    try:
        assert talking.wait(30) == 0
    finally:
        os.close(ours)


def test_command_output_is_json_with_a_json_log(tmp_path: Path) -> None:
    program = STARTS.replace("steady_output()", "steady_output(as_json=True)")
    lines = _told("-c", program, capture_output=True).stdout.decode().splitlines()
    body = [json.loads(line) for line in lines]
    assert [re.sub(r"[\d.]+ s", "0 s", one["event"]) for one in body] == ["Preparing: 0 s", "said"]
    assert {one["logger"] for one in body} == {"coursebook.run"}


def test_a_pipe_to_head_ends_without_a_traceback() -> None:
    command = f"{sys.executable} -m coursebook.cli --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, check=False, capture_output=True, timeout=60
    )
    assert (done.stdout, done.stderr) == (b"0\n", b"")


@pytest.mark.parametrize("kept", [True, False])
def test_a_child_cannot_change_our_stream_flags(kept: bool) -> None:
    ours, theirs = os.pipe()
    program = "import os, sys; os.set_blocking(2, False); os.write(2, b'it complains\\n')"
    watching = (
        "import sys, time; from coursebook.run.supervisor.child import *; from pathlib import Path;"
        "from coursebook.run.output import steady_output; steady_output();"
        f"spec = ChildSpec('C', (sys.executable, '-c', {program!r}), {{}}, Path('.'),"
        f" has_own_stderr={kept}); child = Child(spec); child.start();"
        "child._process.wait(); time.sleep(0.3)"
    )
    done = _told("-c", watching, stdout=theirs, stderr=theirs)
    blocking = not fcntl.fcntl(theirs, fcntl.F_GETFL) & os.O_NONBLOCK
    os.close(theirs)
    assert done.returncode == 0
    assert os.read(ours, 1000).startswith(b"it complains")
    os.close(ours)
    assert blocking is kept


def test_a_child_is_restarted_even_if_the_log_is_unwritable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    child = Child(ChildSpec("Tested", (sys.executable, "-c", "pass"), dict(os.environ), ROOT))
    child.start()
    assert child._process is not None
    child._process.wait()
    with Path(FULL).open("w") as full:
        monkeypatch.setattr("sys.stdout", full)
        child.restart_if_ended(0)
        child.restart_if_ended(1000)
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space"):
            full.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())
    assert child._process.poll() in (None, 0, -signal.SIGTERM)
    child.wait_or_kill(time.monotonic() + 5)
