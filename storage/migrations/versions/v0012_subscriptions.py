"""Subscriptions of the Event Platform as last seen, and gaps in which they delivered nothing."""

import sqlalchemy as sa
from alembic import op

from storage.tables import ExactJson, RowNumber, UtcInstant

revision = "0012_subscriptions"
down_revision = "0011_event_platform"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("since", UtcInstant(), nullable=False),
        sa.Column("checked_at", UtcInstant(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
    )
    op.create_table(
        "subscription_gap",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("began", UtcInstant(), nullable=False),
        sa.Column("ended", UtcInstant(), nullable=True),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcInstant(), nullable=True),
        sa.Column("closed_at", UtcInstant(), nullable=True),
        sa.Column("cost", ExactJson(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscription_gap"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("subscription_gap")
    op.drop_table("subscription")
