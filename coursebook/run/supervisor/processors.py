"""How many processors this process may use: the machine may have more than we were given."""

import math
import os
from pathlib import Path

ROOTS = (Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))


def processors(groups: Path = ROOTS[0], mounted: Path = ROOTS[1]) -> int:
    """Return the smallest of what affinity and the quotas of our cgroups allow, at least 1.

    Python's own count knows no quota, and before 3.13 no affinity.
    """
    if hasattr(os, "sched_getaffinity"):
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    quotas = _quotas(groups, mounted)
    return max(1, min([allowed, *(math.ceil(quota) for quota in quotas)]))


def _quotas(groups: Path, mounted: Path) -> list[float]:
    """Return the quotas of our cgroup and of those around it, in processors (cgroups(7))."""
    try:
        lines = groups.read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            found += [_second(folder) for folder in _upwards(mounted, path)]
        elif "cpu" in controllers.split(","):
            # In a container only its own group is mounted, without the path that the host knows.
            for name in dict.fromkeys((controllers, "cpu")):
                found += [_first(folder) for folder in _upwards(mounted / name, path)]
    return [quota for quota in found if quota]


def _upwards(root: Path, path: str) -> list[Path]:
    inside = root / path.lstrip("/")
    return [inside, *(above for above in inside.parents if above.is_relative_to(root))]


def _second(folder: Path) -> float | None:
    """Read `cpu.max` of version 2: quota (or «max») and period, microseconds."""
    try:
        quota, period = (folder / "cpu.max").read_text().split()
        return int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None


def _first(folder: Path) -> float | None:
    """Read the two files of version 1; a quota of -1 is none."""
    try:
        quota = int((folder / "cpu.cfs_quota_us").read_text())
        return quota / int((folder / "cpu.cfs_period_us").read_text()) if quota > 0 else None
    except (OSError, ValueError, ZeroDivisionError):
        return None
