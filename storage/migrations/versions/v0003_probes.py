"""Find a product of well-known `updated` without walking the table."""

import sqlalchemy as sa
from alembic import op

revision = "0003_probes"
down_revision = "0002_products"
branch_labels = None
depends_on = None

_SIMPLE = sa.text("deleted_at IS NULL AND parent IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_product_probe",
        "product",
        ["updated"],
        unique=False,
        sqlite_where=_SIMPLE,
        postgresql_where=_SIMPLE,
    )


def downgrade() -> None:
    op.drop_index("ix_product_probe", "product")
