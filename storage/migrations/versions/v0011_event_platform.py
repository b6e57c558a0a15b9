"""Events of the Event Platform beside those of the Events API, and its notices.

An event is stored once for each id and type: `event_id` holds both where the dialect wants that,
and `sent_id` then the id as it was sent.
"""

import sqlalchemy as sa
from alembic import op

from storage.tables import RowNumber, UtcInstant

revision = "0011_event_platform"
down_revision = "0010_source_hash"
branch_labels = None
depends_on = None

_NEW = ("sent_id", "item_kind", "item_parent", "hint")


def upgrade() -> None:
    for name in _NEW:
        op.add_column("inbox_event", sa.Column(name, sa.Text(), nullable=True))
    op.create_index(
        "ix_inbox_event_sent_id",
        "inbox_event",
        ["sent_id"],
        unique=False,
        sqlite_where=sa.text("sent_id IS NOT NULL"),
        postgresql_where=sa.text("sent_id IS NOT NULL"),
    )
    op.create_index("ix_inbox_batch_channel", "inbox_batch", ["channel", "id"], unique=False)
    op.create_table(
        "platform_notice",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("told_at", UtcInstant(), nullable=False),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_notice")),
        sa.UniqueConstraint(
            "subscription_id", "kind", "told_at", name=op.f("uq_platform_notice_subscription_id")
        ),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("platform_notice")
    op.drop_index("ix_inbox_batch_channel", table_name="inbox_batch")
    op.drop_index("ix_inbox_event_sent_id", table_name="inbox_event")
    for name in reversed(_NEW):
        op.drop_column("inbox_event", name)
