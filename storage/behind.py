"""Marks and their users: no document may stay behind a change of the catalog.

A change leaves a mark, which is closed once all users have caught up. A write may bring a document
rendered before the change, or a read begun before a removal: it opens the mark again. On
PostgreSQL the two could miss each other, each not yet seeing the other's commit: so writers of
documents share a lock that writers of the catalog and closers of marks take alone, in turn.
"""

from collections.abc import Sequence

from sqlalchemy import and_, exists, not_, or_, select, update

from pim.ids import ProductKey
from storage.engine import Transaction
from storage.tables import CatalogMark, ProductReference, table_of

_MARK = table_of(CatalogMark)
_REFERENCE = table_of(ProductReference)

_LOCK = "catalog"


def share_catalog(tx: Transaction) -> None:
    """Wait until nobody changes the catalog; nobody will until the transaction ends."""
    tx.queue_for(_LOCK, shared=True)


def own_catalog(tx: Transaction) -> None:
    """Wait until nobody writes documents; nobody will until the transaction ends."""
    tx.queue_for(_LOCK)


def reopen_marks(
    tx: Transaction, keys: Sequence[ProductKey], *, catalog_version: int, read_from: int
) -> None:
    """Open the closed marks that these freshly written products are behind."""
    share_catalog(tx)
    behind = or_(
        and_(not_(_MARK.c.removed), _MARK.c.version > catalog_version),
        and_(_MARK.c.removed, _MARK.c.number > read_from),
    )
    used = exists(
        select(1).where(
            _REFERENCE.c.kind == _MARK.c.kind,
            _REFERENCE.c.parent_key == _MARK.c.parent_key,
            _REFERENCE.c.code_key == _MARK.c.code_key,
            _REFERENCE.c.product_key.in_(keys),
        )
    )
    tx.execute(
        update(_MARK).where(_MARK.c.finished_at.is_not(None), behind, used).values(finished_at=None)
    )
