"""Ending the whole stack, as a person at a terminal does. Each test starts one of its own."""

from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.ports import free_run
from tests.support.server_programs import start, wait_for
from tests.support.stack import COMMAND, clean_environment, end_with_children, running_stack

NOBODY_LISTENS = (ConnectionRefusedError, httpx.ConnectError)


def test_ctrl_c_ends_everything_within_seconds(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        assert end_with_children(stack.process, seconds=10) == []
        assert stack.process.returncode == 0
        with pytest.raises(NOBODY_LISTENS):
            httpx.get(f"{stack.sandbox_url}/healthz")
        assert stack.trouble() == ""


@pytest.mark.parametrize("moment", ["Preparing the database", "Starting"])
def test_ctrl_c_while_it_is_starting_ends_it_at_once(tmp_path: Path, moment: str) -> None:
    log = tmp_path / "log"
    environment = {**clean_environment(), "COURSEBOOK_DATA": str(tmp_path / "data")}
    command = [COMMAND, "run", "--port", str(free_run(3))]
    process = start(command, log, environment=environment)
    try:
        wait_for(lambda: moment in log.read_text(), moment, log, seconds=300)
    finally:
        left = end_with_children(process, seconds=10)
    assert left == []
    assert process.returncode == 0
    assert "stopped\nStopped before everything had started.\n" in log.read_text()


def test_killing_the_command_itself_leaves_no_orphan(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        family = psutil.Process(stack.process.pid).children(recursive=True)
        assert len(family) >= 3  # the sandbox, granian and its worker
        stack.process.kill()
        stack.process.wait()
        _, left = psutil.wait_procs(family, timeout=15)
        assert [child.cmdline() for child in left] == []
