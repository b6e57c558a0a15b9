"""What a whole listing of the structure did not show."""

from sqlalchemy import and_, func, select

from pim.ids import OrderNumber
from pim.structure import PARENT_KINDS, Reference
from pim.vocabulary import CatalogKind
from storage.catalog_rows import ITEM
from storage.engine import Transaction


def list_unseen(
    tx: Transaction,
    kind: CatalogKind,
    parent: str,
    *,
    first_number: OrderNumber,
    after: str | None = None,
    limit: int = 100,
) -> list[str]:
    """List the codes of a list's items that no read asked since `first_number` has shown."""
    unseen = (
        select(ITEM.c.code)
        .where(ITEM.c.kind == kind, ITEM.c.parent_key == parent.casefold())
        .where(ITEM.c.removed.is_(False), ITEM.c.read_from < first_number)
        .order_by(ITEM.c.code_key)
        .limit(limit)
    )
    if after is not None:
        unseen = unseen.where(ITEM.c.code_key > after.casefold())
    return list(tx.execute(unseen).scalars())


def count_items(tx: Transaction, kind: CatalogKind, parent: str) -> int:
    """Count a list's items."""
    counted = select(func.count()).select_from(ITEM)
    mine = counted.where(ITEM.c.kind == kind, ITEM.c.parent_key == parent.casefold())
    return int(tx.execute(mine.where(ITEM.c.removed.is_(False))).scalar_one())


def list_abandoned(tx: Transaction, kind: CatalogKind, *, limit: int = 100) -> list[Reference]:
    """List items whose parent was removed: the source takes them along, and lists them no more."""
    above = ITEM.alias("above")
    gone = and_(
        above.c.kind == PARENT_KINDS[kind],
        above.c.parent_key == "",
        above.c.code_key == ITEM.c.parent_key,
        above.c.removed.is_(True),
    )
    statement = (
        select(ITEM.c.parent, ITEM.c.code)
        .join(above, gone)
        .where(ITEM.c.kind == kind, ITEM.c.removed.is_(False))
        .order_by(ITEM.c.parent_key, ITEM.c.code_key)
        .limit(limit)
    )
    return [Reference(kind, row.parent, row.code) for row in tx.execute(statement)]
