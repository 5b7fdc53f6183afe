"""`.env.example` shows every setting with its default, and nothing else."""

import re
from pathlib import Path

import pytest

from coursebook.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SHOWN = dict(
    re.findall(r'^#([A-Z_]+)="?(.*?)"?$', (ROOT / ".env.example").read_text(), re.MULTILINE)
)


def test_it_shows_every_setting_and_nothing_else() -> None:
    assert set(SHOWN) == {name.upper() for name in Settings.model_fields}


def test_the_values_shown_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCHOOL_DIR")  # all tests run without a school's folder
    shown = Settings(_env_file=None, **{name.lower(): value for name, value in SHOWN.items()})
    assert shown == Settings(_env_file=None)


def test_an_unchanged_copy_sets_nothing() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert all(not line or line.startswith("#") for line in lines)
