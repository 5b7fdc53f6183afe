"""`coursebook reconcile`: compare our records with Stripe's and print every difference."""

import asyncio
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from coursebook.domain.amount_text import money_in_words
from coursebook.domain.reconciliation import Difference, Run
from coursebook.errors import CoursebookError
from coursebook.payments.gateway import GatewayError
from coursebook.payments.stripe_gateway import StripeGateway
from coursebook.run.commands.database import require_current_schema
from coursebook.run.paths import ROOT
from coursebook.run.problem import CannotStart, settings_or_sentence
from coursebook.run.supervisor.locks import read_run
from coursebook.run.supervisor.sandbox_keys import sandbox_keys
from coursebook.services.reconciliation.reconciler import Progress, Reconciler
from coursebook.settings import Settings, SettingsError
from coursebook.wiring import check_installation, context_of, database_of

BAR = 24
"""Width of the progress bar, characters."""


def reconcile(*, since: datetime | None, is_fixing: bool) -> int:
    """Compare and print; with `is_fixing` settle the differences. Return the exit code.

    0: no difference is left, 1: there is one. Raises CannotStart with a sentence.
    """
    settings = _settings()
    try:
        differences = asyncio.run(_run(settings, since, is_fixing=is_fixing))
    except GatewayError as error:
        raise CannotStart(
            f"Stripe gave no answer ({' '.join(str(error).split())}). Nothing was changed; run "
            "the same command to continue where this one stopped."
        ) from None
    except SettingsError as error:
        raise CannotStart(str(error)) from None
    except CoursebookError as error:
        raise CannotStart(
            f"The database cannot be used ({error.__cause__}). Has it been migrated? Run "
            "`coursebook migrate`."
        ) from None
    return 1 if differences else 0


async def _run(
    settings: Settings, since: datetime | None, *, is_fixing: bool
) -> tuple[Difference, ...]:
    database = database_of(settings)
    gateway = StripeGateway(
        settings.stripe_secret_key, settings.stripe_webhook_secret, settings.stripe_address
    )
    context = context_of(settings, database, gateway)
    reconciler = Reconciler(context, every=timedelta())
    try:
        await require_current_schema(database)
        await check_installation(context)
        run = await _compare(reconciler, since)
        if run.differences and is_fixing:
            print("Settling these payments with Stripe's current state, then comparing again.")
            await reconciler.settle_all(run.differences)
            run = await _compare(reconciler, since)
        return run.differences
    finally:
        await gateway.close()
        await database.close()


async def _compare(reconciler: Reconciler, since: datetime | None) -> Run:
    """Run one complete comparison, with a progress bar on a terminal."""
    run: Run | None = None
    printed = 0
    async for progress in reconciler.run_to_end(since):
        run = progress.run
        for difference in run.differences[printed:]:
            _clear_bar()
            print(difference_line(difference), flush=True)
        printed = len(run.differences)
        _show(progress)
    _clear_bar()
    assert run is not None, "a comparison has at least one page"
    print(_summary(run))
    return run


def difference_line(difference: Difference) -> str:
    """Return a difference as one line: its key, booking, cause and amount."""
    booking = f" (booking {difference.booking_id})" if difference.booking_id is not None else ""
    line = f"{difference.key}{booking}: {difference.cause}"
    if difference.amount is None:
        return line
    return f"{line} Amount: {money_in_words(difference.amount, difference.currency or '')}."


def _summary(run: Run) -> str:
    number = {0: "no difference", 1: "1 difference"}.get(
        len(run.differences), f"{len(run.differences)} differences"
    )
    day = f"{run.since.astimezone(UTC):%Y-%m-%d}"
    return f"Compared {run.looked_at} entries since {day}: {number}."


def _show(progress: Progress) -> None:
    if sys.stderr.isatty():
        full = round(progress.done * BAR)
        bar = "#" * full + "." * (BAR - full)
        text = (
            f"[{bar}] {progress.done:4.0%} {progress.run.stage}, {progress.run.looked_at} looked at"
        )
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _clear_bar() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _settings() -> Settings:
    """Return the settings; without keys, those of the sandbox running with this data folder."""
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
    overrides = asdict(sandbox_keys(data)) | {"coursebook_data": str(data)}
    return settings_or_sentence(**overrides, coursebook_sandbox_url=run["sandbox_url"])
