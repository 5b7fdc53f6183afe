"""`coursebook reconcile`: compares our books with Stripe's and prints every difference."""

import asyncio
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from coursebook.domain.amount_text import money_in_words
from coursebook.domain.reconciliation import Difference, Run
from coursebook.errors import CoursebookError
from coursebook.payments.gateway import GatewayError
from coursebook.payments.stripe_gateway import StripeGateway
from coursebook.run.commands.database import require_our_tables
from coursebook.run.paths import ROOT
from coursebook.run.problem import CannotStart, settings_or_sentence
from coursebook.run.supervisor.locks import read_run
from coursebook.run.supervisor.sandbox_keys import sandbox_keys
from coursebook.services.reconciliation.reconciler import Progress, Reconciler
from coursebook.settings import Settings, SettingsError
from coursebook.wiring import check_installation, database_of, tools_of

BAR = 24
"""Width of the progress bar, characters."""


def reconcile(*, since: datetime | None, is_fixing: bool) -> int:
    """Compare, print, and with `is_fixing` settle what differs; return the exit code.

    0: no difference is left, 1: there is one. Raises CannotStart with a sentence.
    """
    settings = _settings()
    try:
        left = asyncio.run(_run(settings, since, is_fixing=is_fixing))
    except GatewayError as problem:
        raise CannotStart(
            f"Stripe gave no answer ({' '.join(str(problem).split())}). Nothing was changed; run "
            "the same command to continue where this one stopped."
        ) from None
    except SettingsError as problem:
        raise CannotStart(str(problem)) from None
    except CoursebookError as problem:
        raise CannotStart(
            f"The database cannot be used ({problem.__cause__}). Has it been migrated? Run "
            "`coursebook migrate`."
        ) from None
    return 1 if left else 0


async def _run(
    settings: Settings, since: datetime | None, *, is_fixing: bool
) -> tuple[Difference, ...]:
    database = database_of(settings)
    gateway = StripeGateway(
        settings.stripe_secret_key, settings.stripe_webhook_secret, settings.stripe_address
    )
    tools = tools_of(settings, database, gateway)
    reconciler = Reconciler(tools, every=timedelta())
    try:
        await require_our_tables(database)
        await check_installation(tools)
        done = await _compare(reconciler, since)
        if done.found and is_fixing:
            print("Settling these payments with Stripe's current state, then comparing again.")
            await reconciler.settle_all(done.found)
            done = await _compare(reconciler, since)
        return done.found
    finally:
        await gateway.close()
        await database.close()


async def _compare(reconciler: Reconciler, since: datetime | None) -> Run:
    """Run one comparison to its end, with a bar for a person at a terminal."""
    run: Run | None = None
    told = 0
    async for seen in reconciler.run_to_end(since):
        run = seen.run
        for one in run.found[told:]:
            _wipe()
            print(in_words(one), flush=True)
        told = len(run.found)
        _show(seen)
    _wipe()
    assert run is not None, "a comparison has at least one page"
    print(_summary(run))
    return run


def in_words(one: Difference) -> str:
    """Return a difference as one line: what it is about, the cause, the amount."""
    about = one.key if one.booking_id is None else f"{one.key} (booking {one.booking_id})"
    if one.amount is None:
        return f"{about}: {one.cause}"
    return f"{about}: {one.cause} Amount: {money_in_words(one.amount, one.currency or '')}."


def _summary(run: Run) -> str:
    number = {0: "no difference", 1: "1 difference"}.get(
        len(run.found), f"{len(run.found)} differences"
    )
    day = f"{run.since.astimezone(UTC):%Y-%m-%d}"
    return f"Compared {run.looked_at} entries since {day}: {number}."


def _show(seen: Progress) -> None:
    if sys.stderr.isatty():
        full = round(seen.done * BAR)
        bar = "#" * full + "." * (BAR - full)
        said = f"[{bar}] {seen.done:4.0%} {seen.run.stage}, {seen.run.looked_at} looked at"
        print(f"\r\x1b[K{said}", end="", file=sys.stderr, flush=True)


def _wipe() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _settings() -> Settings:
    """Return the settings; without keys those of the sandbox that runs with this data folder."""
    settings = settings_or_sentence()
    if settings.has_keys or settings.is_sandbox:
        return settings
    data = (ROOT / settings.coursebook_data).resolve()
    run = read_run(data)
    if "sandbox_url" not in run:
        raise CannotStart(
            "No keys are set, and no sandbox runs with this data folder: start it with "
            "`make run` (or `coursebook run`) first."
        )
    known = asdict(sandbox_keys(data)) | {"coursebook_data": str(data)}
    return settings_or_sentence(**known, coursebook_sandbox_url=run["sandbox_url"])
