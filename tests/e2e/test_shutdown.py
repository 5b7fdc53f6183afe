"""Ctrl-C while the whole stack is starting, as a person at a terminal presses it.

That a running one ends with everything it started, `test_wheel.py` proves beside its own.
"""

from pathlib import Path

import pytest

from tests.support.ports import free_run
from tests.support.server_programs import start, wait_for
from tests.support.stack import COMMAND, clean_environment, end_with_children


@pytest.mark.parametrize("moment", ["Preparing the database", "Starting"])
def test_ctrl_c_while_it_is_starting_ends_it_at_once(tmp_path: Path, moment: str) -> None:
    log = tmp_path / "log"
    environment = {**clean_environment(), "COURSEBOOK_DATA": str(tmp_path / "data")}
    command = [COMMAND, "run", "--port", str(free_run(3))]
    process = start(command, log, environment=environment)
    try:
        wait_for(lambda: moment in log.read_text(), moment, log, seconds=300)
    finally:
        survivors = end_with_children(process, seconds=10)
    assert survivors == []
    assert process.returncode == 0
    assert "stopped\nStopped before everything had started.\n" in log.read_text()
