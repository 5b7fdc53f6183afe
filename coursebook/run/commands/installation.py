"""`coursebook installation moved` and `installation copy`, for a database at a new address."""

from coursebook.run.commands.database import require_stopped, run_with_context
from coursebook.run.problem import CannotStart, settings_or_sentence
from coursebook.services.context import Context
from coursebook.services.operators.installation_move import (
    Copied,
    declare_copy,
    declare_moved,
    known_address,
)

NO_KEYS = "No real keys are set: the sandbox does not check this, so there is nothing to do."


def declare_installation_moved() -> None:
    """Record the new address of this installation. Raises CannotStart."""
    settings = settings_or_sentence()
    if not settings.has_keys:
        print(NO_KEYS)
        return
    require_stopped(settings)
    run_with_context(settings, declare_moved)
    print(f"This installation is now at {settings.public_url}. Next: `coursebook run`.")
    print("Update this address in Stripe's webhook endpoint and in the sign-in service as well.")


def declare_installation_copy(*, is_sure: bool) -> None:
    """Turn this database into a separate installation. Raises CannotStart with one sentence."""
    settings = settings_or_sentence()
    if not settings.has_keys:
        print(NO_KEYS)
        return
    require_stopped(settings)
    copied = run_with_context(settings, lambda context: _declare_copy(context, is_sure=is_sure))
    print(f"This database is now an installation of its own ({copied.id}, {settings.public_url}).")
    print(
        f"Left to the original: {copied.bookings} held places, {copied.promises} promises (mails, "
        f"refunds), {copied.events} events, {copied.entries} entries of the money inbox."
    )


async def _declare_copy(context: Context, *, is_sure: bool) -> Copied:
    last_address = await known_address(context)
    if last_address in ("", context.public_url) and not is_sure:
        where = last_address or "no address with real keys yet"
        raise CannotStart(
            f"This database was last used at {where}, so it does not look like a copy: a copy "
            "gives up every open payment of its original. Use --yes if it is one."
        )
    return await declare_copy(context)
