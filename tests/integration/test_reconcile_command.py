"""`coursebook reconcile`: its output and exit code."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coursebook.cli import app
from coursebook.run.problem import CannotStart
from tests.support.harness import Harness
from tests.support.sandbox import SandboxProcess


@pytest.fixture
def settings(monkeypatch, sqlite_harness: Harness, sandbox_of_the_run: SandboxProcess):
    """The environment of somebody at a terminal beside the running product."""
    said = {
        "COURSEBOOK_SANDBOX_URL": sandbox_of_the_run.url,
        "DATABASE_URL": sqlite_harness.services.settings.database_url,
        "STRIPE_SECRET_KEY": sandbox_of_the_run.secret_key,
        "STRIPE_WEBHOOK_SECRET": sandbox_of_the_run.webhook_secret,
    }
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("coursebook.services.reconciliation.reconciler.RECHECK_SECONDS", 0.0)
    return monkeypatch


async def typed(*words: str) -> int:
    """Run the command in a thread, since it starts its own event loop; return its exit code."""
    code = await asyncio.to_thread(app, ["reconcile", *words], standalone_mode=False)
    return int(code)


async def test_it_prints_every_difference_and_fixes_on_demand(
    sqlite_harness: Harness, settings, capsys
):
    """The sandbox's clock is ahead, so `--since` leaves out the days of other tests."""
    harness = sqlite_harness
    now = (await harness.control("clock/advance", seconds=24 * 3600))["now"]
    day = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d}"
    started = await harness.checkout(harness.student("sam"), await harness.course())
    assert await typed("--since", day) == 0
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    capsys.readouterr()
    assert await typed("--since", day) == 1
    output = capsys.readouterr().out
    assert f"{started.session_id} (booking {started.booking_id}): At Stripe: paid" in output
    assert "Amount: €45.00" in output
    assert output.rstrip().endswith("1 difference.")
    assert await harness.status_of(started) == "pending"
    assert await typed("--since", day, "--fix") == 0
    assert capsys.readouterr().out.rstrip().endswith("no difference.")
    assert await harness.status_of(started) == "confirmed"


async def test_what_is_wrong_is_said_in_one_sentence(settings, tmp_path: Path):
    with settings.context() as away:
        away.setenv("COURSEBOOK_SANDBOX_URL", "http://localhost:1")
        with pytest.raises(CannotStart, match="Stripe gave no answer") as caught:
            await typed()
        assert "\n" not in str(caught.value)
    settings.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(CannotStart, match="coursebook migrate"):
        await typed()


async def test_without_keys_and_without_a_sandbox_it_says_what_to_start(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSEBOOK_DATA", str(tmp_path))
    with pytest.raises(CannotStart, match="no sandbox runs with this data folder"):
        await typed()
