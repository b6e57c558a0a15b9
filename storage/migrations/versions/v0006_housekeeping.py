"""Find batches without a body that are old enough to go, without walking the table."""

import sqlalchemy as sa
from alembic import op

revision = "0006_housekeeping"
down_revision = "0005_metrics"
branch_labels = None
depends_on = None

_BARE = sa.text("body IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_inbox_batch_bare",
        "inbox_batch",
        ["received_at"],
        unique=False,
        sqlite_where=_BARE,
        postgresql_where=_BARE,
    )


def downgrade() -> None:
    op.drop_index("ix_inbox_batch_bare", "inbox_batch")
