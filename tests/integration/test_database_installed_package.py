"""An installed package, away from its source tree, can migrate its database."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import asyncio
from coursebook.persistence.maintenance import migrate
url = "sqlite:///installed.db"
asyncio.run(migrate.upgrade_to_head(url))
print(migrate.migrations_folder(), *asyncio.run(migrate.current_and_head(url)))
"""


def test_the_contents_of_the_wheel_suffice_to_migrate(tmp_path: Path):
    """The files are laid out as pyproject.toml tells the wheel builder."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = rules["tool"]["hatch"]["build"]["targets"]["wheel"]
    site = tmp_path / "site"
    unwanted = shutil.ignore_patterns("__pycache__", "ui", "sandbox")
    for package in wheel["packages"]:
        shutil.copytree(ROOT / package, site / package, ignore=unwanted)
    shutil.copytree(ROOT / "alembic", site / wheel["force-include"]["alembic"], ignore=unwanted)
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    folder, current, head = done.stdout.split()
    assert folder == str(site / "coursebook" / "persistence" / "alembic")
    assert current == head
