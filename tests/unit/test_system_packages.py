"""Which of the installed programs the tests start."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.server_programs import find_chromium
from tools import system_packages

WHOLE = "chromium-1255/chrome-linux64/chrome"
SHELL = "chromium_headless_shell-1255/chrome-headless-shell-linux64/chrome-headless-shell"
OLDER_SHELL = "chromium_headless_shell-1155/chrome-linux/headless_shell"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of Playwright on a machine without another Chromium."""
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("COURSEBOOK_CHROMIUM", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        ((), None),
        ((WHOLE,), WHOLE),
        ((WHOLE, SHELL), SHELL),
        ((WHOLE, OLDER_SHELL), OLDER_SHELL),
    ],
)
def test_the_browser_without_windows_comes_first(
    cache: Path, there: tuple[str, ...], chosen: str | None
) -> None:
    for name in there:
        (cache / name).parent.mkdir(parents=True)
        (cache / name).touch()
    assert find_chromium() == (chosen and str(cache / chosen))


@pytest.mark.parametrize(
    ("arguments", "programs"),
    [([], ["apt-get", "apt-get", "playwright"]), (["--beside"], ["apt-get", "apt-get"])],
)
def test_beside_the_environment_only_apt_runs_and_nothing_is_said(
    arguments: list[str],
    programs: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran: list[list[str]] = []
    answers: dict[str, Any] = {
        "_missing": lambda: [] if ran else ["Chromium", "Redis"],
        "_is_ubuntu": lambda: True,
        "_privilege": list,
        "_run": lambda command: not ran.append(command),
    }
    for name, answer in answers.items():
        monkeypatch.setattr(system_packages, name, answer)
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/apt-get")
    assert system_packages.main(arguments) == 0
    assert ["playwright" if "playwright" in line else line[0] for line in ran] == programs
    assert (capsys.readouterr().out == "") == bool(arguments)
