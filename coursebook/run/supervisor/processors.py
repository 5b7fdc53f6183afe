"""The number of processors that this process may use, which may be fewer than the machine has."""

import math
import os
from pathlib import Path

ROOTS = (Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))


def processors(groups: Path = ROOTS[0], mounted: Path = ROOTS[1]) -> int:
    """Return the smallest limit of CPU affinity and cgroup quotas, at least 1.

    Python's own count ignores quotas and, before 3.13, affinity.
    """
    if hasattr(os, "sched_getaffinity"):
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    quotas = _quotas(groups, mounted)
    return max(1, min([allowed, *(math.ceil(quota) for quota in quotas)]))


def _quotas(groups: Path, mounted: Path) -> list[float]:
    """Return the quotas of our cgroup and its ancestors, in processors (cgroups(7))."""
    try:
        lines = groups.read_text().splitlines()
    except OSError:
        return []
    quotas = []
    for line in lines:
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            quotas += [_quota_v2(folder) for folder in _upwards(mounted, path)]
        elif "cpu" in controllers.split(","):
            # A container sees only its own group, mounted without the path that the host uses.
            for name in dict.fromkeys((controllers, "cpu")):
                quotas += [_quota_v1(folder) for folder in _upwards(mounted / name, path)]
    return [quota for quota in quotas if quota]


def _upwards(root: Path, path: str) -> list[Path]:
    inside = root / path.lstrip("/")
    return [inside, *(above for above in inside.parents if above.is_relative_to(root))]


def _quota_v2(folder: Path) -> float | None:
    """Read `cpu.max` of version 2: quota (or "max") and period, in microseconds."""
    try:
        quota, period = (folder / "cpu.max").read_text().split()
        return int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None


def _quota_v1(folder: Path) -> float | None:
    """Read the two files of version 1; a quota of -1 is none."""
    try:
        quota = int((folder / "cpu.cfs_quota_us").read_text())
        return quota / int((folder / "cpu.cfs_period_us").read_text()) if quota > 0 else None
    except (OSError, ValueError, ZeroDivisionError):
        return None
