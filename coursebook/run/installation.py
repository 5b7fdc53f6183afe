"""`coursebook installation moved` and `installation copy`: what a database at a new address is."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

from coursebook.errors import CoursebookError
from coursebook.payments.stripe_gateway import StripeGateway
from coursebook.run.configured import settings_or_sentence
from coursebook.run.problem import CannotStart
from coursebook.services.declaring import Copied, declare_copy, declare_moved, known_address
from coursebook.services.tools import Tools
from coursebook.settings import Settings
from coursebook.wiring import database_of, tools_of

T = TypeVar("T")
UNASKED = "No real keys are set: in the sandbox nobody is asked, and there is nothing to do."


def say_moved() -> None:
    """Note that this is the same installation at a new address. Raises CannotStart."""
    settings = settings_or_sentence()
    if not settings.has_keys:
        print(UNASKED)
        return
    _run(_moved(settings))
    print(f"This installation is at {settings.public_url} now. Next: `coursebook run`.")
    print("Stripe's webhook endpoint and the sign-in have to name this address as well.")


def say_copy(*, is_sure: bool) -> None:
    """Make this database an installation of its own. Raises CannotStart with one sentence."""
    settings = settings_or_sentence()
    if not settings.has_keys:
        print(UNASKED)
        return
    copied = _run(_copied(settings, is_sure=is_sure))
    print(f"This database is an installation of its own now ({copied.id}, {settings.public_url}).")
    print(
        f"Left to the original: {copied.bookings} held places, {copied.promises} promises (mails, "
        f"refunds), {copied.events} events, {copied.entries} entries of the money inbox."
    )


async def _moved(settings: Settings) -> None:
    async with _tools(settings) as tools:
        await declare_moved(tools)


async def _copied(settings: Settings, *, is_sure: bool) -> Copied:
    async with _tools(settings) as tools:
        known = await known_address(tools)
        if known in ("", settings.public_url) and not is_sure:
            where = known or "no address with real keys yet"
            raise CannotStart(
                f"This database was last used at {where}, so it does not look like a copy: a copy "
                "gives up every open payment of its original. Say --yes if it is one."
            )
        return await declare_copy(tools)


@asynccontextmanager
async def _tools(settings: Settings) -> AsyncIterator[Tools]:
    database = database_of(settings)
    gateway = StripeGateway(settings.stripe_secret_key, settings.stripe_webhook_secret)
    try:
        yield tools_of(settings, database, gateway)
    finally:
        await gateway.close()
        await database.close()


def _run(work: Coroutine[object, object, T]) -> T:
    try:
        return asyncio.run(work)
    except CoursebookError as problem:
        raise CannotStart(
            f"The database cannot be used ({problem.__cause__}). Is it migrated? "
            "`coursebook migrate` does it."
        ) from None
