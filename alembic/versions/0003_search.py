"""The search: lexemes of each course under a key in order of time, and how words are mistyped.

Revision ID: 0003
Follows: 0002
"""

from datetime import UTC

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from coursebook.persistence.course_search.index import HEAD, INDEXED_COLUMNS, index_course
from coursebook.persistence.schema.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FTS = (
    """CREATE VIRTUAL TABLE course_fts USING fts5(
        lexemes, content='course_search', content_rowid='key', detail='none', columnsize=0,
        prefix='2 3 4 5 6 7 8 9 10', tokenize='ascii')""",
    """CREATE TRIGGER course_fts_added AFTER INSERT ON course_search BEGIN
        INSERT INTO course_fts(rowid, lexemes) VALUES (new.key, new.lexemes); END""",
    """CREATE TRIGGER course_fts_removed AFTER DELETE ON course_search BEGIN
        INSERT INTO course_fts(course_fts, rowid, lexemes)
        VALUES ('delete', old.key, old.lexemes); END""",
    """CREATE TRIGGER course_fts_changed AFTER UPDATE ON course_search BEGIN
        INSERT INTO course_fts(course_fts, rowid, lexemes)
        VALUES ('delete', old.key, old.lexemes);
        INSERT INTO course_fts(rowid, lexemes) VALUES (new.key, new.lexemes); END""",
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    lexemes = sa.Text() if is_sqlite else TSVECTOR()
    op.create_table(
        "course_search",
        sa.Column(
            "key",
            sa.Integer() if is_sqlite else sa.BigInteger(),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("course_id", sa.String(40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("lexemes", lexemes, nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_search_course_id_course")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_course_search")),
        sa.UniqueConstraint("course_id", name=op.f("uq_course_search_course_id")),
    )
    op.create_table(
        "search_spelling",
        sa.Column("spelling", sa.String(8), nullable=False),
        sa.Column("word", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("spelling", "word", name=op.f("pk_search_spelling")),
    )
    if is_sqlite:
        for statement in FTS:
            op.execute(statement)
    else:
        op.create_index(
            "ix_course_search_lexemes", "course_search", ["lexemes"], postgresql_using="gin"
        )
    _indexes_of_filters()
    _index_courses()
    op.drop_column("course", "search_text")


def downgrade() -> None:
    """Drop the search; its old column comes back with what it held."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE course_fts")
    op.drop_table("search_spelling")
    op.drop_table("course_search")
    for name in (
        "ix_course_status_created_at_id",
        "ix_course_status_category_starts_at_id",
        "ix_course_status_level_starts_at_id",
        "ix_course_status_currency_price_id",
    ):
        op.drop_index(name, "course")
    op.create_index("ix_course_status_category", "course", ["status", "category"])
    op.add_column("course", sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    course = sa.table("course", *map(sa.column, ("id", "search_text", "title", *HEAD)))
    bind = op.get_bind()
    for row in bind.execute(sa.select(course)).mappings().all():
        text = " ".join(row[name] for name in ("title", *HEAD)).lower()
        changed = sa.update(course).where(course.c.id == row["id"])
        bind.execute(changed.values(search_text=" ".join(text.split())))


def _indexes_of_filters() -> None:
    op.drop_index("ix_course_status_category", "course")
    op.create_index("ix_course_status_created_at_id", "course", ["status", "created_at", "id"])
    for name, word, order in (
        ("ix_course_status_category_starts_at_id", "category", "starts_at"),
        ("ix_course_status_level_starts_at_id", "level", "starts_at"),
        ("ix_course_status_currency_price_id", "currency", "price"),
    ):
        op.create_index(name, "course", ["status", word, order, "id"])


def _index_courses() -> None:
    """Let the search read the courses that are there."""
    times = {"starts_at"}
    columns = [sa.column(n, UtcDateTime()) if n in times else sa.column(n) for n in INDEXED_COLUMNS]
    bind = op.get_bind()
    for row in bind.execute(sa.select(sa.table("course", *columns))).mappings().all():
        index_course(bind, {**row, "starts_at": row["starts_at"].astimezone(UTC)})
