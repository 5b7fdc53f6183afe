"""The upper limit: pgbench with the statements of a booking, without any program around them."""

import re
import subprocess
from pathlib import Path

from tests.bench.statement_log import Script
from tests.support.server_programs import find_postgres

SECONDS = 5


def pgbench(url: str, script: Script, folder: Path, clients: int) -> float:
    """Return bookings per second. Raises RuntimeError with pgbench's output."""
    path = folder / "book.sql"
    path.write_text(script.as_pgbench())
    words = [f"{find_postgres()}/pgbench", "-n", "-c", str(clients), "-j", "2", "-T", str(SECONDS)]
    done = subprocess.run(
        [*words, "-M", "prepared", "-f", str(path), url],
        capture_output=True,
        text=True,
        check=False,
    )
    match = re.search(r"tps = ([\d.]+)", done.stdout)
    if match is None or "aborted" in done.stderr:
        raise RuntimeError(done.stderr[-1000:])
    return float(match[1])
