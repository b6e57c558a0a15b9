"""The inbox, the door, and what the running system knows about itself."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from storage.tables import ExactJson, RowNumber, UtcInstant

revision = "0001_inbox"
down_revision = None
branch_labels = None
depends_on = None

SLOTS = 3


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", UtcInstant(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alarm")),
    )
    op.create_table(
        "breaker",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("blocked_until", UtcInstant(), nullable=True),
        sa.Column("failing_since", UtcInstant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_breaker_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaker")),
    )
    op.create_table(
        "call_lease",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_call_lease")),
    )
    op.create_table(
        "door",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("generation", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_until", UtcInstant(), nullable=True),
        sa.Column("opened_at", UtcInstant(), nullable=True),
        sa.Column("closed_at", UtcInstant(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("run_name", sa.Text(), nullable=True),
        sa.Column("predecessor_generation", sa.Text(), nullable=True),
        sa.Column("predecessor_run_id", sa.Text(), nullable=True),
        sa.Column("predecessor_run_name", sa.Text(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_door_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door")),
    )
    op.create_table(
        "inbox_batch",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Text(), nullable=True),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_batch")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_inbox_batch_body",
        "inbox_batch",
        ["encoding", "received_at"],
        unique=False,
        sqlite_where=sa.text("body IS NOT NULL"),
        postgresql_where=sa.text("body IS NOT NULL"),
    )
    op.create_table(
        "refusal",
        sa.Column("minute", UtcInstant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcInstant(), nullable=False),
        sa.Column("last_at", UtcInstant(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("minute", "reason", name=op.f("pk_refusal")),
    )
    op.create_table(
        "source_fact",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("found_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_source_fact")),
    )
    op.create_table(
        "sweep",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcInstant(), nullable=True),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("position_at", UtcInstant(), nullable=True),
        sa.Column("counts", ExactJson(), nullable=False),
        sa.Column("first_number", sa.BigInteger(), nullable=False),
        sa.Column("source_started_at", UtcInstant(), nullable=False),
        sa.Column("started_at", UtcInstant(), nullable=False),
        sa.Column("finished_at", UtcInstant(), nullable=True),
        sa.Column("watermark", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep")),
    )
    op.create_table(
        "sync_run",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", UtcInstant(), nullable=False),
        sa.Column("finished_at", UtcInstant(), nullable=True),
        sa.Column("report", ExactJson(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_run")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "inbox_event",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("batch_id", RowNumber, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("resource_key", sa.Text(), nullable=True),
        sa.Column("uuid", sa.Text(), nullable=True),
        sa.Column("identifier", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("resource_updated", UtcInstant(), nullable=True),
        sa.Column("occurred_at", UtcInstant(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("author_type", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcInstant(), nullable=True),
        sa.Column("hold_id", RowNumber, nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("taken_at", UtcInstant(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("settled_at", UtcInstant(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["inbox_batch.id"], name=op.f("fk_inbox_event_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_inbox_event_event_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_inbox_event_batch_id"), "inbox_event", ["batch_id"], unique=False)
    op.create_index(
        "ix_inbox_event_due",
        "inbox_event",
        ["number"],
        unique=False,
        sqlite_where=sa.text("outcome IS NULL AND hold_id IS NULL"),
        postgresql_where=sa.text("outcome IS NULL AND hold_id IS NULL"),
    )
    op.create_index(
        "ix_inbox_event_due_key",
        "inbox_event",
        ["resource_key"],
        unique=False,
        sqlite_where=sa.text("outcome IS NULL AND hold_id IS NULL"),
        postgresql_where=sa.text("outcome IS NULL AND hold_id IS NULL"),
    )
    op.create_index(
        "ix_inbox_event_held",
        "inbox_event",
        ["hold_id"],
        unique=False,
        sqlite_where=sa.text("hold_id IS NOT NULL"),
        postgresql_where=sa.text("hold_id IS NOT NULL"),
    )
    op.create_index(
        "ix_inbox_event_history",
        "inbox_event",
        ["resource_key"],
        unique=False,
        sqlite_where=sa.text("outcome IS NOT NULL"),
        postgresql_where=sa.text("outcome IS NOT NULL"),
    )
    op.create_index(
        "ix_inbox_event_settled",
        "inbox_event",
        ["outcome", "settled_at"],
        unique=False,
        sqlite_where=sa.text("outcome IS NOT NULL"),
        postgresql_where=sa.text("outcome IS NOT NULL"),
    )
    _create_order_numbers()
    _insert_single_rows()


def _create_order_numbers() -> None:
    """One sequence orders events and reads; without a cache, which would hand out blocks."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE order_number AS BIGINT CACHE 1")
        return
    op.create_table(
        "order_counter",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
    )
    op.execute("INSERT INTO order_counter (id, value) VALUES (1, 0)")


def _insert_single_rows() -> None:
    door = sa.table("door", *(sa.column(name) for name in ("id", "state", "generation", "attempt")))
    first = {"id": 1, "state": "closed", "generation": str(uuid4()), "attempt": 0}
    op.bulk_insert(door, [first])
    op.execute("INSERT INTO breaker (id, failures) VALUES (1, 0)")
    op.bulk_insert(sa.table("call_lease", sa.column("slot")), [{"slot": n} for n in range(SLOTS)])
