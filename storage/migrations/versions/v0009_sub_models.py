"""Which model a product model hangs below, in a column of its own."""

import sqlalchemy as sa
from alembic import op

from storage.database import fold, read_object

revision = "0009_sub_models"
down_revision = "0008_item_reads"
branch_labels = None
depends_on = None

_ITEM = sa.table(
    "catalog_item",
    *map(sa.column, ("kind", "code_key", "body", "above", "above_key")),
)


def upgrade() -> None:
    for name in ("above", "above_key"):
        op.add_column("catalog_item", sa.Column(name, sa.Text(), nullable=True))
    where = sa.text("above_key IS NOT NULL")
    op.create_index(
        "ix_catalog_item_above",
        "catalog_item",
        ["above_key"],
        unique=False,
        sqlite_where=where,
        postgresql_where=where,
    )
    _fill()


def _fill() -> None:
    connection = op.get_bind()
    models = sa.select(_ITEM.c.code_key, _ITEM.c.body).where(_ITEM.c.kind == "product_model")
    for row in connection.execute(models).all():
        above = read_object(row.body).get("parent")
        if isinstance(above, str):
            connection.execute(
                sa.update(_ITEM)
                .where(_ITEM.c.kind == "product_model", _ITEM.c.code_key == row.code_key)
                .values(above=above, above_key=fold(above))
            )


def downgrade() -> None:
    op.drop_index("ix_catalog_item_above", "catalog_item")
    for name in ("above_key", "above"):
        op.drop_column("catalog_item", name)
