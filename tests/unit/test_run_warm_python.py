"""Programs that are forked from a process with their libraries: started, ended, never orphaned."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from coursebook.run.supervisor.child import ChildSpec
from coursebook.run.supervisor.next_product import sentence_about
from coursebook.run.supervisor.prepared_product import PreparedProduct
from coursebook.run.supervisor.warm_python import WarmPython

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or sys.version_info >= (3, 14),
    reason="a process with libraries is forked on Linux only",
)
PATIENCE_SECONDS = 60
SHOWN = "import os; print(sorted(os.environ), os.getcwd())"


@pytest.fixture
def warm(tmp_path: Path) -> Iterator[WarmPython]:
    """A warm process with one library, and with one that is not there."""
    process = WarmPython(["json", "no_such_library"], os.environ, tmp_path / "libraries.json")
    yield process
    process.stop()


def test_a_program_gets_its_environment_and_streams(warm: WarmPython, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHON_COLORS": "0"}
    with (tmp_path / "output").open("w") as output, Path(os.devnull).open() as nothing:
        streams = (nothing.fileno(), output.fileno(), output.fileno())
        ran = warm.start("timeit", ["-n1", "-r1", SHOWN], environment, streams, tmp_path)
        assert ran.wait(PATIENCE_SECONDS) == 0
        failed = warm.start("timeit", ["-n1", "-r1", "import this_is_missing"], {}, streams)
        assert failed.wait(PATIENCE_SECONDS) == 1
    shown, _, error = (tmp_path / "output").read_text().partition("\n")
    assert shown == f"{sorted(environment)} {tmp_path}"
    assert "this_is_missing" in error


def test_a_killed_program_says_how_it_ended_and_its_streams_are_closed(warm: WarmPython) -> None:
    read, write = os.pipe()
    with Path(os.devnull).open() as nothing:
        forked = warm.start("http.server", ["0"], os.environ, (nothing.fileno(), write, write))
    os.close(write)
    assert forked.poll() is None
    os.killpg(forked.pid, signal.SIGKILL)
    assert forked.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    with os.fdopen(read) as output:
        output.read()  # to its end: nobody else holds the other side


def test_what_it_started_ends_with_it(tmp_path: Path) -> None:
    warm = WarmPython([], os.environ, tmp_path / "libraries.json")
    with Path(os.devnull).open("r+") as nothing:
        forked = warm.start("http.server", ["0"], os.environ, [nothing.fileno()] * 3)
    with pytest.raises(subprocess.TimeoutExpired):
        forked.wait(0)
    warm.stop()
    forked.wait(PATIENCE_SECONDS)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while psutil.pid_exists(forked.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(forked.pid)


def test_a_product_that_cannot_be_imported_says_why(
    warm: WarmPython, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "school"
    folder.mkdir()
    (folder / "school.toml").write_text("name = 3")
    monkeypatch.chdir(tmp_path)
    environment = {**os.environ, "SCHOOL_DIR": str(folder)}
    command = (sys.executable, "-m", "granian", "--help")
    product = PreparedProduct(warm, ChildSpec("The product", command, environment, tmp_path))
    assert "school.toml" in product.problem()
    product.drop()


def test_a_mistake_is_one_sentence_with_file_and_line(tmp_path: Path) -> None:
    broken, missing = tmp_path / "broken.py", tmp_path / "missing.py"
    broken.write_text("def page(:\n")
    missing.write_text("\nfrom json import no_such_name\n")
    for file, line, word in ((broken, 1, "invalid syntax"), (missing, 2, "no_such_name")):
        try:
            exec(compile(file.read_text(), file, "exec"))
        except (SyntaxError, ImportError) as error:
            sentence = sentence_about(error)
        assert sentence.startswith(f"{file}, line {line}: ")
        assert word in sentence
        assert "\n" not in sentence
