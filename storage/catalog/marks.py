"""Marks of the structure's changes, and the users that have to catch up with them.

No document may stay behind a change of the catalog. A change leaves a mark, which is closed once
all users have caught up. A write may bring a document rendered before the change, or a read begun
before a removal: it opens the mark again. On PostgreSQL the two could miss each other, each not yet
seeing the other's commit: so writers of documents share a lock that writers of the catalog and
closers of marks take alone, in turn.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    not_,
    or_,
    select,
    true,
    update,
)

from pim.ids import OrderNumber, ProductKey
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage.catalog.items import read_version
from storage.database import Insert, KeptStatement, Transaction, changed_rows
from storage.references import (
    ORDER,
    PLACE,
    is_name,
    is_used,
    is_user,
    key_of,
    list_stretches,
    users_of,
)
from storage.tables import CatalogMark, Product, table_of

_MARK = table_of(CatalogMark)
_KEY = (_MARK.c.kind, _MARK.c.parent_key, _MARK.c.code_key)

_LOCK = "catalog"
_PRODUCT = table_of(Product)


@dataclass(frozen=True, slots=True)
class Mark:
    """A durable mark: an item changed (render its users) or was removed (read its users again)."""

    item: Reference
    version: int
    removed: bool
    number: OrderNumber


def leave_marks(
    tx: Transaction,
    items: Sequence[Reference],
    *,
    version: int,
    removed: bool,
    number: OrderNumber | None = None,
) -> None:
    """Mark changed items; the caller owns the catalog. Without users, a mark is closed at once.

    A read of a user that begins after `number` (by default: after now) has caught up with a
    removal. A mark of a later number stays as it is.
    """
    number = tx.draw_numbers(1)[0] if number is None else number
    common = {"version": version, "removed": removed, "number": number, "finished_at": None}
    keys = sorted({key_of(item): item for item in items}.items())
    tx.execute_kept(
        _PUT_MARKS,
        [
            dict(zip(("kind", "parent_key", "code_key"), key, strict=True))
            | {"parent": item.parent, "code": item.code}
            | common
            for key, item in keys
        ],
    )
    one = [column == bindparam(f"is_{column.name}") for column in _KEY]
    idle = and_(not_(is_used(*_KEY)), _MARK.c.kind != CatalogKind.PARTNER)
    tx.execute(
        update(_MARK).where(*one, idle).values(finished_at=tx.clock()),
        [
            {"is_kind": kind, "is_parent_key": parent, "is_code_key": code}
            for (kind, parent, code), _ in keys
        ],
    )


def _put_newer(insert: Insert) -> ClauseElement:
    names = ("parent", "code", "version", "removed", "number", "finished_at")
    return insert.on_conflict_do_update(
        index_elements=list(_KEY),
        set_={name: insert.excluded[name] for name in names},
        where=insert.excluded.number > _MARK.c.number,
    )


_PUT_MARKS = KeptStatement(_MARK, _put_newer)


def open_marks(
    tx: Transaction,
    kinds: Collection[CatalogKind] | None = None,
    *,
    removed: bool | None = None,
    users: ColumnElement[bool] | None = None,
    limit: int = 1000,
) -> list[Mark]:
    """Read the marks that still may have users behind them, oldest first.

    Of these kinds or all; of what was removed, of what only changed, or of both. `users`, a
    condition on products: only marks that have such users behind them.
    """
    marks = select(_MARK).where(_MARK.c.finished_at.is_(None), _is_of(kinds))
    if removed is not None:
        marks = marks.where(_MARK.c.removed.is_(removed))
    if users is not None:
        marks = marks.where(_has_behind(users))
    rows = tx.execute(marks.order_by(_MARK.c.version, _MARK.c.number).limit(limit))
    return [
        Mark(
            Reference(CatalogKind(row.kind), row.parent, row.code),
            row.version,
            row.removed,
            OrderNumber(row.number),
        )
        for row in rows
    ]


def list_users_behind(
    tx: Transaction,
    mark: Mark,
    *,
    users: ColumnElement[bool] | None = None,
    after: ProductKey | None = None,
    limit: int = 100,
) -> list[ProductKey]:
    """List products that use the mark's item and have not caught up with it, in a lasting order.

    Not removed: to render again. Removed: to read again from the source. `users`: a condition on
    these products. `after` one that is stored no more, the list begins anew.
    """
    behind = _behind(mark)
    if users is not None:
        behind = behind.where(users)
    if mark.item.kind is CatalogKind.PARTNER:
        return [] if after is not None else list(tx.execute(behind).scalars())
    if mark.item.kind is CatalogKind.DOCUMENT:
        following = true() if after is None else _PRODUCT.c.key > after
        page = behind.where(following).order_by(_PRODUCT.c.key).limit(limit)
        return list(tx.execute(page).scalars())
    found: list[ProductKey] = []
    for stretch in list_stretches(tx, key_of(mark.item), after):
        page = behind.where(stretch).order_by(*ORDER).limit(limit - len(found))
        found += tx.execute(page).scalars()
        if len(found) == limit:
            break
    return found


def finish_mark(tx: Transaction, mark: Mark) -> bool:
    """Close the mark if all its users have caught up; False: go through them again."""
    own_catalog(tx)
    kind, parent_key, code_key = key_of(mark.item)
    done = (
        update(_MARK)
        .where(_MARK.c.kind == kind, _MARK.c.parent_key == parent_key)
        .where(_MARK.c.code_key == code_key, _MARK.c.version == mark.version)
        # Not another one, left meanwhile: a deletion of a product raises no version.
        .where(_MARK.c.number == mark.number)
        .where(not_(exists(_behind(mark))))
        .values(finished_at=tx.clock())
    )
    return changed_rows(tx.execute(done)) == 1


def has_done_marks(tx: Transaction, kinds: Collection[CatalogKind] | None = None) -> bool:
    """Whether an open mark, of these kinds or any, has no user behind it."""
    done = select(1).select_from(_MARK).where(_MARK.c.finished_at.is_(None), _is_done(kinds))
    return tx.execute(done.limit(1)).first() is not None


def finish_marks(tx: Transaction, kinds: Collection[CatalogKind] | None = None) -> int:
    """Close the open marks, of these kinds or all, whose users have caught up; answer how many."""
    own_catalog(tx)
    done = update(_MARK).where(_MARK.c.finished_at.is_(None), _is_done(kinds))
    return changed_rows(tx.execute(done.values(finished_at=tx.clock())))


def _is_done(kinds: Collection[CatalogKind] | None) -> ColumnElement[bool]:
    # That of the form of documents is closed by who went through all products.
    one_by_one = _MARK.c.kind == CatalogKind.DOCUMENT
    return and_(_is_of(kinds), not_(one_by_one), not_(_has_behind()))


def _has_behind(which: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """Whether a row of marks has users behind it; of `which`, a condition on their products."""
    late = or_(
        and_(_MARK.c.removed.is_(True), _PRODUCT.c.read_from < _MARK.c.number),
        and_(_MARK.c.removed.is_(False), _PRODUCT.c.catalog_version < _MARK.c.version),
    )
    wanted = and_(_PRODUCT.c.deleted_at.is_(None), late, true() if which is None else which)
    itself = select(1).where(_PRODUCT.c.key == _MARK.c.code, wanted)  # a partner
    users = select(1).where(_uses(), _PRODUCT.c.key == PLACE.c.product_key, wanted)
    return or_(
        and_(_MARK.c.kind == CatalogKind.PARTNER, exists(itself.correlate(_MARK))),
        exists(users.correlate(_MARK)),
    )


def _is_of(kinds: Collection[CatalogKind] | None) -> ColumnElement[bool]:
    return true() if kinds is None else _MARK.c.kind.in_(sorted(map(str, kinds)))


def _uses() -> ColumnElement[bool]:
    return and_(is_name(*_KEY), is_user())


def _behind(mark: Mark) -> Select[tuple[str]]:
    late: ColumnElement[bool] = (
        _PRODUCT.c.read_from < mark.number
        if mark.removed
        else _PRODUCT.c.catalog_version < mark.version
    )
    if mark.item.kind is CatalogKind.DOCUMENT:  # everybody's
        return select(_PRODUCT.c.key).where(_PRODUCT.c.deleted_at.is_(None), late)
    if mark.item.kind is CatalogKind.PARTNER:  # it stands for itself
        own = select(_PRODUCT.c.key).where(_PRODUCT.c.key == mark.item.code)
        return own.where(_PRODUCT.c.deleted_at.is_(None), late)
    users = users_of(*key_of(mark.item)).where(_PRODUCT.c.key == PLACE.c.product_key)
    return users.where(_PRODUCT.c.deleted_at.is_(None), late)


def share_catalog(tx: Transaction) -> None:
    """Take the catalog's lock, shared: the catalog stays as it is until the transaction ends."""
    tx.queue_for(_LOCK, shared=True)


def own_catalog(tx: Transaction) -> None:
    """Take the catalog's lock alone: no document is written until the transaction ends."""
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
    used = exists(select(1).where(_uses(), PLACE.c.product_key.in_(keys)))
    tx.execute(
        update(_MARK).where(_MARK.c.finished_at.is_not(None), behind, used).values(finished_at=None)
    )


def mark_removed(tx: Transaction, items: Collection[Reference], *, told: OrderNumber) -> None:
    """Have those read again that point to any of these and were not read since `told`.

    `told` is the number of the newest event of these removals: a read that began after it shows
    what they left. Costs no read where nobody points to them.
    """
    if items:
        own_catalog(tx)
        version = read_version(tx)
        leave_marks(tx, sorted(items), version=version, removed=True, number=told)
