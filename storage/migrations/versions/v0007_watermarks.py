"""When a watermark was set on our own clock, and probes among variants too."""

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcInstant

revision = "0007_watermarks"
down_revision = "0006_housekeeping"
branch_labels = None
depends_on = None

_LIVE = sa.text("deleted_at IS NULL")
_SIMPLE = sa.text("deleted_at IS NULL AND parent IS NULL")


def upgrade() -> None:
    op.add_column("sweep", sa.Column("watermark_clock", UtcInstant(), nullable=True))
    op.drop_index("ix_product_probe", "product")
    _index_probes(_LIVE)


def downgrade() -> None:
    op.drop_index("ix_product_probe", "product")
    _index_probes(_SIMPLE)
    op.drop_column("sweep", "watermark_clock")


def _index_probes(where: sa.TextClause) -> None:
    op.create_index(
        "ix_product_probe",
        "product",
        ["updated"],
        unique=False,
        sqlite_where=where,
        postgresql_where=where,
    )
