"""Change rows numbered in the order of commits, how far they have been removed, and who may read.

Of the rows that are there, some changes have none: whoever begins to read begins with an export.
"""

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcInstant

revision = "0013_feed"
down_revision = "0012_subscriptions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    feed = op.create_table(
        "change_feed",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("removed_to", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_change_feed_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_feed")),
    )
    op.bulk_insert(feed, [{"id": 1, "removed_to": _last_number()}])
    op.drop_index("ix_product_change_feed", "product_change")
    op.drop_column("product_change", "transaction_id")
    op.create_table(
        "api_token",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", UtcInstant(), nullable=False),
        sa.Column("revoked_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
    )


def _last_number() -> int:
    """The last one that was drawn, of rows removed since, too."""
    connection = op.get_bind()
    drawn = (
        "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM product_change_seq_seq"
        if connection.dialect.name == "postgresql"
        else "SELECT seq FROM sqlite_sequence WHERE name = 'product_change'"
    )
    return int(connection.execute(sa.text(drawn)).scalar() or 0)


def downgrade() -> None:
    op.drop_table("api_token")
    number = sa.Column("transaction_id", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("product_change", number)
    op.create_index(
        "ix_product_change_feed", "product_change", ["transaction_id", "seq"], unique=False
    )
    op.drop_table("change_feed")
