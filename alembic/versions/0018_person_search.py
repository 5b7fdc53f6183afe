"""The search over all bookings: by name, mail address and number, and the newest first.

Revision ID: 0018
Follows: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from coursebook.domain.search import person_lexemes
from coursebook.persistence.course_search.index import key_at
from coursebook.persistence.schema.columns import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BATCH = 2000
FTS = (
    """CREATE VIRTUAL TABLE person_fts USING fts5(
        lexemes, content='person_search', content_rowid='key', detail='none', columnsize=0,
        prefix='2 3 4 5 6 7 8 9 10', tokenize='ascii')""",
    """CREATE TRIGGER person_fts_added AFTER INSERT ON person_search BEGIN
        INSERT INTO person_fts(rowid, lexemes) VALUES (new.key, new.lexemes); END""",
    """CREATE TRIGGER person_fts_removed AFTER DELETE ON person_search BEGIN
        INSERT INTO person_fts(person_fts, rowid, lexemes)
        VALUES ('delete', old.key, old.lexemes); END""",
    """CREATE TRIGGER person_fts_changed AFTER UPDATE ON person_search BEGIN
        INSERT INTO person_fts(person_fts, rowid, lexemes)
        VALUES ('delete', old.key, old.lexemes);
        INSERT INTO person_fts(rowid, lexemes) VALUES (new.key, new.lexemes); END""",
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "person_search",
        sa.Column(
            "key",
            sa.Integer() if is_sqlite else sa.BigInteger(),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("user_id", sa.String(40), nullable=True),
        sa.Column("booking_id", sa.String(40), nullable=True),
        sa.Column("lexemes", sa.Text() if is_sqlite else TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_person_search_user_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_person_search_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_person_search")),
        sa.UniqueConstraint("user_id", name=op.f("uq_person_search_user_id")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_person_search_booking_id")),
    )
    op.create_index("ix_booking_created_at_id", "booking", ["created_at", "id"])
    op.add_column(
        "booking", sa.Column("number_end", sa.String(6), nullable=False, server_default="")
    )
    op.execute("UPDATE booking SET number_end = lower(substr(id, length(id) - 5))")
    op.create_index("ix_booking_number_end", "booking", ["number_end"])
    if is_sqlite:
        for statement in FTS:
            op.execute(statement)
    fill(op.get_bind())
    if not is_sqlite:  # after the rows: an index is made faster than it is kept
        op.create_index(
            "ix_person_search_lexemes", "person_search", ["lexemes"], postgresql_using="gin"
        )


def fill(connection: sa.Connection) -> None:
    """Write every user, and every other participant, who is not in the index yet."""
    search = sa.table("person_search", *map(sa.column, ("key", "user_id", "booking_id", "lexemes")))
    last = connection.scalar(sa.select(sa.func.max(search.c.key))) or 0
    for owner, table, name, email in (
        ("user_id", "user_account", "name", "email"),
        ("booking_id", "booking", "participant_name", "participant_email"),
    ):
        at = sa.column("created_at", UtcDateTime())
        rows = sa.table(table, sa.column("id"), sa.column(name), sa.column(email), at)
        known = sa.select(search.c[owner]).where(search.c[owner].is_not(None))
        some = sa.or_(rows.c[name] != "", rows.c[email] != "")
        query = sa.select(rows.c.id, rows.c[name], rows.c[email], at).where(
            some, rows.c.id.not_in(known)
        )
        people = connection.execute(query.order_by(at, rows.c.id)).all()
        written = []
        for person_id, person_name, address, moment in people:
            last = max(last + 1, key_at(moment))
            lexemes = person_lexemes(person_name, address)
            written.append({"key": last, owner: person_id, "lexemes": lexemes})
        for start in range(0, len(written), BATCH):
            connection.execute(sa.insert(search), written[start : start + BATCH])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE person_fts")
    op.drop_table("person_search")  # with its triggers, which name the table before
    op.drop_index("ix_booking_number_end", "booking")
    op.drop_index("ix_booking_created_at_id", "booking")
    op.drop_column("booking", "number_end")
