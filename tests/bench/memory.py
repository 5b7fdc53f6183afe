"""Memory of the whole product, at rest and after a load, by part.

Counts all processes of `coursebook run` in proportional set size, so shared pages count once.
Source: proc(5), `/proc/[pid]/smaps_rollup`. Linux only.
"""

import asyncio
import tempfile
from collections import Counter
from pathlib import Path

from tests.bench.load_generator import call, load
from tests.bench.renders import renders
from tests.support.stack import Stack, running_stack

REST_SECONDS = 20
CALLS, CLIENTS = 2000, 8
PARTS = {"granian": "product", "coursebook.sandbox": "sandbox (for laptops)", "node": "pages"}


def main() -> None:
    """Start the stack and print its memory before and after a load."""
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder)) as stack:
        asyncio.run(_measured(stack))


async def _measured(stack: Stack) -> None:
    await asyncio.sleep(REST_SECONDS)
    rest = taken(stack.process.pid)
    await renders(stack)
    listed = call("GET", "/api/courses", {})
    await load(stack.port, [listed] * CALLS, CLIENTS)
    loaded = taken(stack.process.pid)
    print(f"{'memory, MB':<34}{'at rest':>12}{'after load':>12}")
    for part in sorted(rest | loaded):
        print(f"{part:<34}{rest[part]:>12.0f}{loaded[part]:>12.0f}")
    print(f"{'together':<34}{rest.total():>12.0f}{loaded.total():>12.0f}")


def taken(pid: int) -> Counter[str]:
    """Return the memory of a process and its descendants in megabytes, by part."""
    totals: Counter[str] = Counter()
    for process in _family(pid):
        words = Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
        part = next((name for sign, name in PARTS.items() if sign in words), "the command itself")
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        kilobytes = next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1]
        totals[part] += int(kilobytes) * 1024 / 1e6  # type: ignore[assignment]  # not whole megabytes
    return totals


def _family(pid: int) -> list[int]:
    pids = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            pids += _family(int(child))
    return pids


if __name__ == "__main__":
    main()
