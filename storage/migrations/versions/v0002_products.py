"""Products, their structure, and the deletions that wait for a person."""

import sqlalchemy as sa
from alembic import op

from storage.tables import ExactJson, RowNumber, UtcInstant

revision = "0002_products"
down_revision = "0001_inbox"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "catalog_item",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_key", sa.Text(), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("updated", UtcInstant(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", ExactJson(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "parent_key", "code_key", name=op.f("pk_catalog_item")),
    )
    op.create_table(
        "catalog_mark",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_key", sa.Text(), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "parent_key", "code_key", name=op.f("pk_catalog_mark")),
    )
    op.create_index("ix_catalog_mark_number", "catalog_mark", ["number"], unique=False)
    op.create_index(
        "ix_catalog_mark_open",
        "catalog_mark",
        ["version"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_index("ix_catalog_mark_version", "catalog_mark", ["version"], unique=False)
    op.create_table(
        "catalog_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_catalog_version_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_version")),
    )
    op.create_table(
        "held_deletion",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("product_key", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("held_at", UtcInstant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_deletion")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_held_deletion_product_key"), "held_deletion", ["product_key"], unique=False
    )
    op.create_index(
        "ix_held_deletion_waiting",
        "held_deletion",
        ["product_key"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "product",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("uuid", sa.Text(), nullable=True),
        sa.Column("identifier", sa.Text(), nullable=True),
        sa.Column("identifier_key", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=True),
        sa.Column("family", sa.Text(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("parent_key", sa.Text(), nullable=True),
        sa.Column("updated", UtcInstant(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=True),
        sa.Column("catalog_version", sa.BigInteger(), nullable=False),
        sa.Column("read_from", sa.BigInteger(), nullable=False),
        sa.Column("read_to", sa.BigInteger(), nullable=False),
        sa.Column("read_at", UtcInstant(), nullable=False),
        sa.Column("deleted_at", UtcInstant(), nullable=True),
        sa.Column("written_at", UtcInstant(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=True),
        sa.Column("previous_deleted", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_product")),
    )
    op.create_index("ix_product_identifier", "product", ["identifier_key"], unique=False)
    op.create_index(
        "ix_product_parent",
        "product",
        ["parent_key"],
        unique=False,
        sqlite_where=sa.text("parent_key IS NOT NULL"),
        postgresql_where=sa.text("parent_key IS NOT NULL"),
    )
    op.create_index(
        "ix_product_tombstone",
        "product",
        ["deleted_at"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_table(
        "product_change",
        sa.Column("seq", RowNumber, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("product_key", sa.Text(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("changed", ExactJson(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_product_change")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_product_change_deleted",
        "product_change",
        ["at"],
        unique=False,
        sqlite_where=sa.text("op = 'deleted'"),
        postgresql_where=sa.text("op = 'deleted'"),
    )
    op.create_index(
        "ix_product_change_feed", "product_change", ["transaction_id", "seq"], unique=False
    )
    op.create_index(
        "ix_product_change_product", "product_change", ["product_key", "seq"], unique=False
    )
    op.create_table(
        "product_content",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", ExactJson(), nullable=False),
        sa.Column("document", ExactJson(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_product_content")),
    )
    op.create_table(
        "product_reference",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_key", sa.Text(), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("product_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "kind", "parent_key", "code_key", "product_key", name=op.f("pk_product_reference")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_product_reference_product", "product_reference", ["product_key"], unique=False
    )
    op.execute("INSERT INTO catalog_version (id, version) VALUES (1, 0)")
