"""Figures of /metrics that are added to, and so survive every process."""

import sqlalchemy as sa
from alembic import op

revision = "0005_metrics"
down_revision = "0004_probing"
branch_labels = None
depends_on = None

_COUNTED = """
INSERT INTO metric (name, labels, value)
SELECT 'products', 'live', count(*) FROM product WHERE deleted_at IS NULL
UNION ALL SELECT 'products', 'tombstone', count(*) FROM product WHERE deleted_at IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "metric",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", "labels", name=op.f("pk_metric")),
    )
    # From here on each write adds to it: counting all products would cost more with each of them.
    op.execute(_COUNTED)


def downgrade() -> None:
    op.drop_table("metric")
