"""The room of an online course, which only people with a confirmed place see.

Revision ID: 0009
Follows: 0008
"""

from datetime import UTC

import sqlalchemy as sa
from alembic import op

from coursebook.domain.online_room import has_link, room_of
from coursebook.persistence.course_search.index import INDEXED_COLUMNS, index_course
from coursebook.persistence.schema.columns import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NAMELESS = "Online"


def upgrade() -> None:
    """Take links out of the public fields of online courses, and out of the search."""
    op.add_column(
        "course", sa.Column("join_url", sa.String(300), nullable=False, server_default="")
    )
    bind = op.get_bind()
    columns = [
        sa.column(name, UtcDateTime()) if name == "starts_at" else sa.column(name)
        for name in INDEXED_COLUMNS
    ]
    query = sa.select(sa.table("course", *columns)).where(sa.column("is_online").is_(True))
    for row in bind.execute(query).mappings().all():
        name, address = row["place_name"], row["place_address"]
        room = room_of(is_online=True, join_url="", name=name, address=address)
        index_course(bind, {**row, "starts_at": row["starts_at"].astimezone(UTC)})
        if room.link:
            public = NAMELESS if has_link(name) else name
            values = {"join_url": room.link, "place_name": public, "place_address": room.note}
            course = sa.table("course", *map(sa.column, ("id", *values)))
            bind.execute(sa.update(course).where(course.c.id == row["id"]).values(**values))


def downgrade() -> None:
    """Put the links back to where they stood before there was a column for them."""
    course = sa.table("course", *map(sa.column, ("join_url", "place_address")))
    moved = sa.update(course).where(course.c.join_url != "")
    op.get_bind().execute(moved.values(place_address=course.c.join_url))
    op.drop_column("course", "join_url")
