"""Documents tell more: channels, ancestors of categories, options of records and assets.

All are rendered once from what is stored, without a call, by the next sweep: a mark says so, which
everybody is behind.
"""

from alembic import op

revision = "0014_documents_tell_more"
down_revision = "0013_feed"
branch_labels = None
depends_on = None

_FORM = "channels and ancestors"
"""What is new in the form of documents: the cause that change rows name."""


def upgrade() -> None:
    somebody = "EXISTS (SELECT 1 FROM product)"
    op.execute(f"UPDATE catalog_version SET version = version + 1 WHERE {somebody}")
    columns = "kind, parent_key, code_key, parent, code, version, removed, number"
    mark = (
        f"SELECT 'document', '', '{_FORM}', '', '{_FORM}', version, false, 0 FROM catalog_version"
    )
    op.execute(f"INSERT INTO catalog_mark ({columns}) {mark} WHERE {somebody}")


def downgrade() -> None:
    op.execute("DELETE FROM catalog_mark WHERE kind = 'document'")
