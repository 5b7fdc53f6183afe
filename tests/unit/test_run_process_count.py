"""The number of processes follows the CPUs available to us, not those of the machine."""

import os
from pathlib import Path

import pytest

from coursebook.run.supervisor.processors import processors

MANY = 64


@pytest.fixture(autouse=True)
def _big_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(MANY)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: MANY)


def _counted(tmp_path: Path, groups: str, files: dict[str, str]) -> int:
    (tmp_path / "cgroup").write_text(groups)
    for name, text in files.items():
        file = tmp_path / "mounted" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return processors(tmp_path / "cgroup", tmp_path / "mounted")


@pytest.mark.parametrize(
    ("groups", "files", "expected"),
    [
        ("0::/\n", {"cpu.max": "max 100000\n"}, MANY),
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "5000 100000\n"}, 1),
        ("0::/a/b\n", {"a/cpu.max": "300000 100000\n", "a/b/cpu.max": "max 100000\n"}, 3),
        ("0::/only/the/host/knows\n", {"cpu.max": "400000 100000\n"}, 4),
        ("4:cpu,cpuacct:/d\n", {
            "cpu,cpuacct/d/cpu.cfs_quota_us": "200000\n",
            "cpu,cpuacct/d/cpu.cfs_period_us": "100000\n",
        }, 2),
        ("4:cpu:/x\n", {"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        ("4:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000"}, MANY),
        ("9:memory:/\n0::/\n", {}, MANY),
        ("0::/\n", {"cpu.max": "nonsense"}, MANY),
    ],
)  # fmt: skip
def test_quotas_of_both_cgroup_versions_are_respected(
    tmp_path: Path, groups: str, files: dict[str, str], expected: int
) -> None:
    assert _counted(tmp_path, groups, files) == expected


def test_without_cgroups_affinity_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 5, 6}, raising=False)
    assert processors(tmp_path / "none", tmp_path / "none") == 3
