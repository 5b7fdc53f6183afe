"""Our installation, read before Stripe is called or anything about money is written.

With real keys a database belongs to the public address that it was last used with. At another
address it may be a copy, so nothing starts until an operator declares which it is
(docs/architecture.md).
"""

from coursebook.domain.installation import Installation, Origin, origin_of
from coursebook.errors import Unavailable
from coursebook.persistence.schema.tables import InstallationRow
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.context import Context


class AnotherAddress(Unavailable):
    """The database was last used at another public address, with real keys.

    `remedy` is the sentence for operators; visitors read the usual one.
    """

    def __init__(self, stored: str, now: str) -> None:
        super().__init__()
        self.remedy = (
            f"PUBLIC_URL is {now}, but this database was last used at {stored}: if the same "
            "installation has moved, run `coursebook installation moved`; if this is a copy of "
            "it, run `coursebook installation copy`."
        )


async def installation_of(context: Context) -> Installation:
    """Return our installation; the first call of a process reads it, or makes it.

    Raises AnotherAddress, and Unavailable when the database is away.
    """
    if context.own.installation is not None:
        return context.own.installation
    async with reading(context.database) as work:
        row = await work.installations.find()
    if row is None or _is_to_be_noted(context, row):
        async with writing(context.database) as work:
            now = context.clock()
            row = await work.installations.ensure(
                context.public_url, now, has_keys=context.has_real_keys
            )
            if _is_to_be_noted(context, row):
                row.public_address, row.has_keys = context.public_url, context.has_real_keys
                row.updated_at = now
    if context.has_real_keys and row.public_address != context.public_url:
        raise AnotherAddress(row.public_address, context.public_url)
    own = Installation(row.id, context.public_url, is_copy=row.copied_from is not None)
    context.own.installation = own
    return own


async def origin(context: Context, maker: str | None) -> Origin:
    """Judge whose an object at Stripe is, by its mark. Raises as `installation_of` does."""
    return origin_of(maker, (await installation_of(context)).id)


def _is_to_be_noted(context: Context, row: InstallationRow) -> bool:
    """Whether a new address is adopted at once: as long as real keys were never used."""
    if row.has_keys:
        return False
    return context.has_real_keys or row.public_address != context.public_url
