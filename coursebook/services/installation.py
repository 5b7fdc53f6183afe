"""Which installation we are, known before anything is asked of Stripe or written about money.

With real keys a database belongs to the public address that it was last used with. At another
address it may be a copy, so nothing happens until an operator says which (docs/architecture.md).
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

    def __init__(self, known: str, now: str) -> None:
        super().__init__()
        self.remedy = (
            f"PUBLIC_URL is {now}, but this database was last used at {known}: if the same "
            "installation has moved, run `coursebook installation moved`; if this is a copy of "
            "it, run `coursebook installation copy`."
        )


async def installation_of(tools: Context) -> Installation:
    """Return our installation; the first call of a process reads it, or makes it.

    Raises AnotherAddress, and Unavailable when the database is away.
    """
    if tools.own.installation is not None:
        return tools.own.installation
    async with reading(tools.database) as work:
        row = await work.installations.find()
    if row is None or _is_to_be_noted(tools, row):
        async with writing(tools.database) as work:
            now = tools.clock()
            row = await work.installations.ensure(
                tools.public_url, now, has_keys=tools.has_real_keys
            )
            if _is_to_be_noted(tools, row):
                row.public_address, row.has_keys = tools.public_url, tools.has_real_keys
                row.updated_at = now
    if tools.has_real_keys and row.public_address != tools.public_url:
        raise AnotherAddress(row.public_address, tools.public_url)
    found = Installation(row.id, tools.public_url, is_copy=row.copied_from is not None)
    tools.own.installation = found
    return found


async def origin(tools: Context, maker: str | None) -> Origin:
    """Judge whose an object at Stripe is, by its mark. Raises as `installation_of` does."""
    return origin_of(maker, (await installation_of(tools)).id)


def _is_to_be_noted(tools: Context, row: InstallationRow) -> bool:
    """Whether the address is taken over unasked: until real keys were used, nobody is asked."""
    if row.has_keys:
        return False
    return tools.has_real_keys or row.public_address != tools.public_url
