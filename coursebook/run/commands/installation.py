"""`coursebook installation moved` and `installation copy`: what a database at a new address is."""

from coursebook.run.commands.database import require_stopped, with_tools
from coursebook.run.problem import CannotStart, settings_or_sentence
from coursebook.services.context import Context
from coursebook.services.operators.installation_move import (
    Copied,
    declare_copy,
    declare_moved,
    known_address,
)

UNASKED = "No real keys are set: the sandbox does not check this, so there is nothing to do."


def say_moved() -> None:
    """Note that this is the same installation at a new address. Raises CannotStart."""
    settings = settings_or_sentence()
    if not settings.has_keys:
        print(UNASKED)
        return
    require_stopped(settings)
    with_tools(settings, declare_moved)
    print(f"This installation is now at {settings.public_url}. Next: `coursebook run`.")
    print("Update this address in Stripe's webhook endpoint and in the sign-in service as well.")


def say_copy(*, is_sure: bool) -> None:
    """Make this database an installation of its own. Raises CannotStart with one sentence."""
    settings = settings_or_sentence()
    if not settings.has_keys:
        print(UNASKED)
        return
    require_stopped(settings)
    copied = with_tools(settings, lambda tools: _copied(tools, is_sure=is_sure))
    print(f"This database is now an installation of its own ({copied.id}, {settings.public_url}).")
    print(
        f"Left to the original: {copied.bookings} held places, {copied.promises} promises (mails, "
        f"refunds), {copied.events} events, {copied.entries} entries of the money inbox."
    )


async def _copied(tools: Context, *, is_sure: bool) -> Copied:
    known = await known_address(tools)
    if known in ("", tools.public_url) and not is_sure:
        where = known or "no address with real keys yet"
        raise CannotStart(
            f"This database was last used at {where}, so it does not look like a copy: a copy "
            "gives up every open payment of its original. Use --yes if it is one."
        )
    return await declare_copy(tools)
