"""The bundler of a run: one process for all builds, replaced when it must be."""

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursebook.run.build import bundler, ui_build
from coursebook.run.build.bundler import Bundler
from coursebook.run.build.notes import COMPILED, kept_folder
from coursebook.run.problem import CannotStart

PROGRAM = """
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
for await (const _ of createInterface({ input: process.stdin })) {
  const { error = "", memory = 1 } = JSON.parse(readFileSync("answer.json", "utf8"));
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


def _bundle(kept: Bundler, web: Path, **answer: object) -> None:
    (web / "answer.json").write_text(json.dumps(answer))
    kept.bundle(web)


def _process(kept: Bundler, web: Path) -> str:
    """Return the id of the process, which it names in an error."""
    with pytest.raises(CannotStart, match="Rolldown says no") as raised:
        _bundle(kept, web, error="Rolldown says no")
    return str(raised.value).rpartition(" ")[2]


def test_one_process_bundles_again_and_again_also_after_a_mistake(kept: Bundler, web: Path) -> None:
    first = _process(kept, web)
    _bundle(kept, web)
    assert _process(kept, web) == first


def test_other_packages_need_another_process(kept: Bundler, web: Path) -> None:
    first = _process(kept, web)
    os.utime(web / bundler.PACKAGES, (1, 1))
    assert _process(kept, web) != first


def test_too_much_memory_needs_another_process(kept: Bundler, web: Path) -> None:
    first = _process(kept, web)
    _bundle(kept, web, memory=bundler.MAX_MEMORY_BYTES + 1)
    assert _process(kept, web) != first


def test_a_process_that_ends_is_reported_and_replaced(kept: Bundler, web: Path) -> None:
    with pytest.raises(CannotStart, match=r"could not be bundled. Details: .*web-bundler\.log"):
        _bundle(kept, web, error="end")
    _bundle(kept, web)


def test_the_process_that_is_warmed_up_at_the_start_does_the_first_build(
    kept: Bundler, web: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ui_build, "web_folder", lambda: web)
    monkeypatch.setattr(ui_build, "TOOLS", web)
    monkeypatch.setattr(ui_build, "_registry", str)
    monkeypatch.setattr(ui_build, "_bundler", lambda: kept)
    (kept_folder(web) / COMPILED).write_text("{}")
    (web / "answer.json").write_text("{}")
    ui_build.warm_up_bundler()
    for thread in threading.enumerate():
        if thread.name == "bundler":
            thread.join()
    assert kept.is_warm
    time.sleep(0.2)  # the kernel ends what a thread started
    assert kept.is_warm
