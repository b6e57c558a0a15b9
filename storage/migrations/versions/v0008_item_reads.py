"""When items of the structure were read, and tombstones of those that went."""

import sqlalchemy as sa
from alembic import op

revision = "0008_item_reads"
down_revision = "0007_watermarks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("read_from", "read_to"):
        op.add_column(
            "catalog_item", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        )
    op.add_column(
        "catalog_item",
        sa.Column("removed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.execute("DELETE FROM catalog_item WHERE removed")
    for name in ("removed", "read_to", "read_from"):
        op.drop_column("catalog_item", name)
