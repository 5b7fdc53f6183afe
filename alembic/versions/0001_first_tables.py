"""The first tables: courses, people, bookings, their money, and what is done by itself.

Revision ID: 0001
Follows: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _course()
    _idempotent_reply()
    _pulse()
    _user_account()
    _webhook_event()
    _booking()
    _audit_entry()
    _money_inbox_entry()
    _outbox_message()
    _payment_attempt()
    _refund()


def downgrade() -> None:
    """Drop every table; its indexes go with it."""
    for table in (
        "refund",
        "payment_attempt",
        "outbox_message",
        "money_inbox_entry",
        "audit_entry",
        "booking",
        "webhook_event",
        "user_account",
        "pulse",
        "idempotent_reply",
        "course",
    ):
        op.drop_table(table)


def _course() -> None:
    op.create_table(
        "course",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("slug", sa.String(120), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("summary", sa.String(400), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.String(60), nullable=False),
        sa.Column("level", sa.String(30), nullable=False),
        sa.Column("instructor", sa.String(120), nullable=False),
        sa.Column("is_online", sa.Boolean(), nullable=False),
        sa.Column("place_name", sa.String(160), nullable=False),
        sa.Column("place_address", sa.String(300), nullable=False),
        sa.Column("image", sa.String(200), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("terms", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(currency = 'eur' AND (price = 0 OR price >= 50)) OR "
            "(currency = 'usd' AND (price = 0 OR price >= 50)) OR "
            "(currency = 'gbp' AND (price = 0 OR price >= 30)) OR "
            "(currency = 'chf' AND (price = 0 OR price >= 50)) OR "
            "(currency = 'aud' AND (price = 0 OR price >= 50)) OR "
            "(currency = 'cad' AND (price = 0 OR price >= 50)) OR "
            "(currency = 'nzd' AND (price = 0 OR price >= 50)) OR "
            "(currency = 'sgd' AND (price = 0 OR price >= 50)) OR "
            "(currency = 'dkk' AND (price = 0 OR price >= 250)) OR "
            "(currency = 'nok' AND (price = 0 OR price >= 300)) OR "
            "(currency = 'sek' AND (price = 0 OR price >= 300)) OR "
            "(currency = 'pln' AND (price = 0 OR price >= 200)) OR "
            "(currency = 'czk' AND (price = 0 OR price >= 1500)) OR "
            "(currency = 'huf' AND (price = 0 OR price >= 17500)) OR "
            "(currency = 'jpy' AND (price = 0 OR price >= 50))",
            name=op.f("ck_course_price_legal"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'cancelled')", name=op.f("ck_course_status_known")
        ),
        sa.CheckConstraint("capacity >= 1", name=op.f("ck_course_capacity_positive")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_course_ends_after_start")),
        sa.CheckConstraint(
            "held >= 0 AND confirmed >= 0 AND held + confirmed <= capacity",
            name=op.f("ck_course_seats_within"),
        ),
        sa.CheckConstraint("length(title) >= 1", name=op.f("ck_course_title_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("slug", name=op.f("uq_course_slug")),
    )
    op.create_index("ix_course_status_category", "course", ["status", "category"], unique=False)
    op.create_index("ix_course_status_price_id", "course", ["status", "price", "id"], unique=False)
    op.create_index(
        "ix_course_status_starts_at_id", "course", ["status", "starts_at", "id"], unique=False
    )
    op.create_index("ix_course_status_title_id", "course", ["status", "title", "id"], unique=False)


def _idempotent_reply() -> None:
    op.create_table(
        "idempotent_reply",
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", "key", name=op.f("pk_idempotent_reply")),
    )
    op.create_index(
        "ix_idempotent_reply_created_at", "idempotent_reply", ["created_at"], unique=False
    )


def _pulse() -> None:
    op.create_table(
        "pulse",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pulse")),
    )


def _user_account() -> None:
    op.create_table(
        "user_account",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("subject", name=op.f("uq_user_account_subject")),
    )


def _webhook_event() -> None:
    op.create_table(
        "webhook_event",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("type", sa.String(120), nullable=False),
        sa.Column("object_id", sa.String(255), nullable=False),
        sa.Column("payment_intent_id", sa.String(255), nullable=True),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_event")),
    )
    op.create_index(
        "ix_webhook_event_due",
        "webhook_event",
        ["next_try_at"],
        unique=False,
        sqlite_where=sa.text("handled_at IS NULL"),
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_index("ix_webhook_event_received_at", "webhook_event", ["received_at"], unique=False)


def _booking() -> None:
    op.create_table(
        "booking",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("course_id", sa.String(40), nullable=False),
        sa.Column("place", sa.String(20), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("terms", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("hold_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calendar_sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "place IN ('held', 'confirmed', 'expired', 'cancelled')",
            name=op.f("ck_booking_place_known"),
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_booking_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_booking_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_booking_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    op.create_index("ix_booking_course_id_place", "booking", ["course_id", "place"], unique=False)
    op.create_index(
        "ix_booking_place_hold_expires_at", "booking", ["place", "hold_expires_at"], unique=False
    )
    op.create_index(
        "ix_booking_user_id_created_at_id", "booking", ["user_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "uq_booking_live",
        "booking",
        ["user_id", "course_id"],
        unique=True,
        sqlite_where=sa.text("place IN ('held', 'confirmed')"),
        postgresql_where=sa.text("place IN ('held', 'confirmed')"),
    )


def _audit_entry() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booking_id", sa.String(40), nullable=True),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("actor", sa.String(160), nullable=False),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("from_state", sa.String(30), nullable=True),
        sa.Column("to_state", sa.String(30), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_audit_entry_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"], unique=False)
    op.create_index(
        "ix_audit_entry_booking_id_id", "audit_entry", ["booking_id", "id"], unique=False
    )


def _money_inbox_entry() -> None:
    op.create_table(
        "money_inbox_entry",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("dedupe_key", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("booking_id", sa.String(40), nullable=True),
        sa.Column("session_id", sa.String(255), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(160), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_money_inbox_entry_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_inbox_entry")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_money_inbox_entry_dedupe_key")),
    )
    op.create_index(
        op.f("ix_money_inbox_entry_booking_id"), "money_inbox_entry", ["booking_id"], unique=False
    )
    op.create_index(
        "ix_money_inbox_entry_resolved_at_created_at",
        "money_inbox_entry",
        ["resolved_at", "created_at"],
        unique=False,
    )


def _outbox_message() -> None:
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("dedupe_key", sa.String(255), nullable=False),
        sa.Column("booking_id", sa.String(40), nullable=True),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_dead", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_outbox_message_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_message_dedupe_key")),
    )
    op.create_index(
        op.f("ix_outbox_message_booking_id"), "outbox_message", ["booking_id"], unique=False
    )
    op.create_index(
        "ix_outbox_message_due",
        "outbox_message",
        ["next_try_at"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )


def _payment_attempt() -> None:
    op.create_table(
        "payment_attempt",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("booking_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("params", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_id", sa.String(255), nullable=True),
        sa.Column("checkout_url", sa.Text(), nullable=True),
        sa.Column("payment_intent_id", sa.String(255), nullable=True),
        sa.Column("is_disputed", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("receipt_url", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('created', 'open', 'processing', "
            "'succeeded', 'failed', 'expired', 'superseded')",
            name=op.f("ck_payment_attempt_state_known"),
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_payment_attempt_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_payment_attempt_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempt")),
        sa.UniqueConstraint(
            "booking_id", "number", name=op.f("uq_payment_attempt_booking_id_number")
        ),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_payment_attempt_idempotency_key")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payment_attempt_session_id")),
    )
    op.create_index(
        op.f("ix_payment_attempt_payment_intent_id"),
        "payment_attempt",
        ["payment_intent_id"],
        unique=False,
    )
    op.create_index(
        "ix_payment_attempt_state_asked_at", "payment_attempt", ["state", "asked_at"], unique=False
    )


def _refund() -> None:
    op.create_table(
        "refund",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("booking_id", sa.String(40), nullable=False),
        sa.Column("attempt_id", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("cause", sa.String(60), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=True),
        sa.Column("stripe_refund_id", sa.String(255), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('created', 'pending', 'succeeded', 'failed')",
            name=op.f("ck_refund_state_known"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_amount_positive")),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["payment_attempt.id"],
            name=op.f("fk_refund_attempt_id_payment_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_refund_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_refund_idempotency_key")),
        sa.UniqueConstraint("stripe_refund_id", name=op.f("uq_refund_stripe_refund_id")),
    )
    op.create_index(op.f("ix_refund_attempt_id"), "refund", ["attempt_id"], unique=False)
    op.create_index(op.f("ix_refund_booking_id"), "refund", ["booking_id"], unique=False)
    op.create_index("ix_refund_state_updated_at", "refund", ["state", "updated_at"], unique=False)
