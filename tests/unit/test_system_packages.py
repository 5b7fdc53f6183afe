"""Which of the installed programs the tests start."""

from pathlib import Path

import pytest

from tests.support.server_programs import find_chromium

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
