"""The bundler of a run: one process for all builds, replaced when it must be."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursebook.run.build import bundler
from coursebook.run.build.bundler import Bundler
from coursebook.run.problem import CannotStart

PROGRAM = """
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { error = "", memory = 1 } = JSON.parse(line);
  if (error === "end") process.exit(1);
  const answer = { error: error && `${error} ${process.pid}`, memory };
  process.stdout.write(`${JSON.stringify(answer)}\\n`);
}
"""


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A web folder, with a program that answers as `bundler.mjs` does."""
    program = tmp_path / "program.mjs"
    program.write_text(PROGRAM)
    monkeypatch.setattr(bundler, "PROGRAM", program)
    monkeypatch.setattr(bundler, "TOOLS", tmp_path)
    folder = tmp_path / ".web"
    folder.mkdir()
    (folder / bundler.PACKAGES).write_text("{}")
    return folder


@pytest.fixture
def kept() -> Iterator[Bundler]:
    one = Bundler()
    yield one
    one.stop()


def _process(kept: Bundler, web: Path) -> str:
    """Return the id of the process, which it names in an error."""
    with pytest.raises(CannotStart, match="Vite says no") as raised:
        kept.bundle(web, {"error": "Vite says no"})
    return str(raised.value).rpartition(" ")[2]


def test_one_process_bundles_again_and_again_also_after_a_mistake(kept: Bundler, web: Path) -> None:
    first = _process(kept, web)
    kept.bundle(web, {})
    assert _process(kept, web) == first


def test_other_packages_need_another_process(kept: Bundler, web: Path) -> None:
    first = _process(kept, web)
    os.utime(web / bundler.PACKAGES, (1, 1))
    assert _process(kept, web) != first


def test_too_much_memory_needs_another_process(kept: Bundler, web: Path) -> None:
    first = _process(kept, web)
    kept.bundle(web, {"memory": bundler.MAX_MEMORY_BYTES + 1})
    assert _process(kept, web) != first


def test_a_process_that_ends_is_reported_and_replaced(kept: Bundler, web: Path) -> None:
    with pytest.raises(CannotStart, match=r"could not be bundled. Details: .*web-bundler\.log"):
        kept.bundle(web, {"error": "end"})
    kept.bundle(web, {})
