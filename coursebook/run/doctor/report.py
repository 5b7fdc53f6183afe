"""`coursebook doctor`: check a configuration end to end and print one line for each part.

It writes one row: the test event that proves that webhooks arrive.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict

from coursebook.log import set_up_logging
from coursebook.payments.stripe_checkup import StripeCheckup
from coursebook.run.doctor.local_checks import (
    address,
    backups,
    connections,
    installation,
    mail,
    mode,
    money_inbox,
    parts,
    proxies,
    school_extensions,
    sign_in,
    sign_in_clock,
    tables,
    webhook,
)
from coursebook.run.doctor.result import Finding, Verdict, wrong
from coursebook.run.doctor.stripe_checks import account, endpoint, undelivered
from coursebook.run.paths import ROOT
from coursebook.run.supervisor.locks import read_run
from coursebook.run.supervisor.sandbox_keys import sandbox_keys
from coursebook.settings import Settings, SettingsError, load_settings
from coursebook.wiring import check, standalone_services

ALL_IS_WELL, SOMETHING_IS_WRONG = 0, 1


def examine() -> int:
    """Print a line for each part; return the exit code, 1 when something is wrong."""
    set_up_logging(as_json=False, level="ERROR")
    try:
        settings = settings_of_current_run()
        check(settings)
    except SettingsError as error:
        print(wrong("settings", str(error), "see docs/ops/settings.md").line())
        return SOMETHING_IS_WRONG
    return asyncio.run(_examine(settings))


async def _examine(settings: Settings) -> int:
    code = ALL_IS_WELL
    async for finding in findings(settings):
        print(finding.line(), flush=True)
        if finding.verdict is Verdict.WRONG:
            code = SOMETHING_IS_WRONG
    sys.stdout.flush()
    return code


async def findings(settings: Settings) -> AsyncIterator[Finding]:
    """Yield the finding of each part, in a fixed order."""
    yield mode(settings)
    for finding in school_extensions():
        yield finding
        if finding.verdict is Verdict.WRONG:
            return
    newer = await tables(settings)
    if newer is not None:
        yield newer
        return
    stripe = StripeCheckup(settings.stripe_secret_key, settings.stripe_address)
    try:
        async with standalone_services(settings) as services:
            for finding in await parts(services):
                yield finding
            for finding in await connections(services):
                yield finding
            yield await installation(services)
            yield await sign_in(services)
            yield await sign_in_clock(services)
            yield await mail(settings)
            yield await money_inbox(services)
            yield await backups(services)
            for finding in await account(stripe, settings, services.clock()):
                yield finding
            yield await endpoint(stripe, settings)
            yield await address(settings)
            yield proxies(settings)
            yield await webhook(services)
            yield await undelivered(stripe)
    finally:
        await stripe.close()


def settings_of_current_run() -> Settings:
    """Return the settings, completed with the sandbox keys of the current run.

    Raises SettingsError when no keys are set and no sandbox is running.
    """
    settings = load_settings()
    if settings.has_keys or settings.is_sandbox:
        return settings
    data = (ROOT / settings.coursebook_data).resolve()
    run = read_run(data)
    if "sandbox_url" not in run:
        raise SettingsError(
            "no keys are set, and no sandbox runs with this data folder: start one with "
            "`coursebook run`, or set the keys."
        )
    overrides = asdict(sandbox_keys(data)) | {"coursebook_data": str(data)}
    overrides["coursebook_sandbox_url"], overrides["public_url"] = (
        run["sandbox_url"],
        run["public_url"],
    )
    mailbox = int(run["sandbox_url"].rpartition(":")[2]) + 1
    return load_settings(**overrides, smtp_url=settings.smtp_url or f"smtp://127.0.0.1:{mailbox}")
