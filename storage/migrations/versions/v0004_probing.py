"""Know when a failing source is probed, and when a run last failed because of it."""

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcInstant

revision = "0004_probing"
down_revision = "0003_probes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("breaker", sa.Column("tripped_at", UtcInstant(), nullable=True))
    op.add_column("breaker", sa.Column("probe_at", UtcInstant(), nullable=True))
    op.add_column(
        "breaker", sa.Column("failed_probes", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    for name in ("failed_probes", "probe_at", "tripped_at"):
        op.drop_column("breaker", name)
