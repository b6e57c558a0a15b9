"""A fingerprint of each answer as it came, beside that of what it means.

None in the rows of before: the next full sweep writes them anew, with their documents.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_source_hash"
down_revision = "0009_sub_models"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("product", sa.Column("source_hash", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("product", "source_hash")
