"""Which installation of coursebook something belongs to: one database at one public address.

Several installations may use one Stripe account. Each writes its own id into every object that it
creates there, and acts only on objects with this id.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Installation:
    """The installation that a database belongs to. `is_copy`: it began as a copy of another."""

    id: str
    public_address: str
    is_copy: bool = False

    @property
    def copy_id(self) -> str:
        """The id when this is a copy of another installation, else "": see `idempotency_key`."""
        return self.id if self.is_copy else ""


class Origin(StrEnum):
    """The creator of an object at Stripe, according to its metadata."""

    OURS = "ours"
    UNNAMED = "unnamed"
    """Made by coursebook before installations had ids: ours only when our books know it."""
    ANOTHERS = "anothers"
    FOREIGN = "foreign"


def origin_of(maker: str | None, own_id: str) -> Origin:
    """Judge by the id in the metadata. None: no mark of coursebook; "": a mark without an id."""
    if maker is None:
        return Origin.FOREIGN
    if not maker:
        return Origin.UNNAMED
    return Origin.OURS if maker == own_id else Origin.ANOTHERS
