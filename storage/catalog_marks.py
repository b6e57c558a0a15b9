"""Durable marks of the structure's changes, and the users that have to catch up with them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, not_, select, update

from pim.document import Document
from pim.ids import OrderNumber, ProductKey
from pim.json_types import JsonObject
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage.behind import own_catalog, reopen_marks, share_catalog
from storage.engine import Transaction
from storage.product_parts import reference_row, replace_references
from storage.statements import changed_rows, in_slices, read_object, write_json
from storage.tables import CatalogMark, Product, ProductContent, ProductReference, table_of

_MARK = table_of(CatalogMark)
_PRODUCT = table_of(Product)
_CONTENT = table_of(ProductContent)
_REFERENCE = table_of(ProductReference)
_KEY = (_MARK.c.kind, _MARK.c.parent_key, _MARK.c.code_key)


@dataclass(frozen=True, slots=True)
class Mark:
    """A durable mark: an item changed (render its users) or was removed (read its users again)."""

    item: Reference
    version: int
    removed: bool
    number: OrderNumber


@dataclass(frozen=True, slots=True)
class StoredRendering:
    """What a rendering starts from; `read_from` dates the stored source."""

    key: ProductKey
    source: JsonObject
    content_hash: str
    catalog_version: int
    read_from: OrderNumber


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
    upsert = tx.insert_into(_MARK)
    names = ("parent", "code", "version", "removed", "number", "finished_at")
    replaced = {name: upsert.excluded[name] for name in names}
    common = {"version": version, "removed": removed, "number": number, "finished_at": None}
    keys = sorted({_key(item): item for item in items}.items())
    tx.execute(
        upsert.on_conflict_do_update(
            index_elements=list(_KEY),
            set_=replaced,
            where=upsert.excluded.number > _MARK.c.number,
        ),
        [
            dict(zip(("kind", "parent_key", "code_key"), key, strict=True))
            | {"parent": item.parent, "code": item.code}
            | common
            for key, item in keys
        ],
    )
    used = exists(
        select(1).where(
            _REFERENCE.c.kind == _MARK.c.kind,
            _REFERENCE.c.parent_key == _MARK.c.parent_key,
            _REFERENCE.c.code_key == _MARK.c.code_key,
        )
    )
    one = [column == bindparam(f"is_{column.name}") for column in _KEY]
    idle = and_(not_(used), _MARK.c.kind != CatalogKind.PARTNER)
    tx.execute(
        update(_MARK).where(*one, idle).values(finished_at=tx.clock()),
        [
            {"is_kind": kind, "is_parent_key": parent, "is_code_key": code}
            for (kind, parent, code), _ in keys
        ],
    )


def open_marks(
    tx: Transaction, *, kind: CatalogKind | None = None, limit: int = 1000
) -> list[Mark]:
    """Read the marks that still may have users behind them, oldest first, of one kind or all."""
    marks = select(_MARK).where(_MARK.c.finished_at.is_(None))
    if kind is not None:
        marks = marks.where(_MARK.c.kind == str(kind))
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


def users_behind(
    tx: Transaction, mark: Mark, *, after: ProductKey | None = None, limit: int = 100
) -> list[ProductKey]:
    """List products that use the mark's item and have not caught up with it, in key order.

    Not removed: to render again. Removed: to read again from the source.
    """
    (user,) = _behind(mark).selected_columns
    behind = _behind(mark).order_by(user).limit(limit)
    if after is not None:
        behind = behind.where(user > after)
    return list(tx.execute(behind).scalars())


def finish_mark(tx: Transaction, mark: Mark) -> bool:
    """Close the mark if all its users have caught up; False: go through them again."""
    own_catalog(tx)
    kind, parent_key, code_key = _key(mark.item)
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


def read_renderings(tx: Transaction, keys: Collection[ProductKey]) -> list[StoredRendering]:
    """Read what is needed to render live products again."""
    columns = (
        _PRODUCT.c.key,
        _PRODUCT.c.content_hash,
        _PRODUCT.c.catalog_version,
        _PRODUCT.c.read_from,
        _CONTENT.c.source,
    )
    found: list[StoredRendering] = []
    for some in in_slices(sorted(keys)):
        statement = (
            select(*columns)
            .join(_CONTENT, _CONTENT.c.key == _PRODUCT.c.key)
            .where(_PRODUCT.c.key.in_(some), _PRODUCT.c.deleted_at.is_(None))
            .order_by(_PRODUCT.c.key)
        )
        found += [
            StoredRendering(
                key=row.key,
                source=read_object(row.source),
                content_hash=row.content_hash,
                catalog_version=row.catalog_version,
                read_from=row.read_from,
            )
            for row in tx.execute(statement)
        ]
    return found


def write_rendering(
    tx: Transaction, rendering: StoredRendering, *, document: Document, catalog_version: int
) -> bool:
    """Store a rendering if content and version still are as read; False: it is stale."""
    if catalog_version < rendering.catalog_version:
        return False
    share_catalog(tx)
    key = rendering.key
    current = (
        update(_PRODUCT)
        .where(
            _PRODUCT.c.key == key,
            _PRODUCT.c.content_hash == rendering.content_hash,
            _PRODUCT.c.catalog_version == rendering.catalog_version,
            _PRODUCT.c.deleted_at.is_(None),
        )
        .values(catalog_version=catalog_version)
    )
    if changed_rows(tx.execute(current)) != 1:
        return False
    rendered = update(_CONTENT).where(_CONTENT.c.key == key)
    tx.execute(rendered.values(document=write_json(document.body)))
    wanted = {reference_row(key, reference) for reference in document.references}
    replace_references(tx, [key], wanted)
    reopen_marks(tx, [key], catalog_version=catalog_version, read_from=rendering.read_from)
    return True


def _key(item: Reference) -> tuple[str, str, str]:
    return (str(item.kind), item.parent.casefold(), item.code.casefold())


def _behind(mark: Mark) -> Select[tuple[str]]:
    kind, parent_key, code_key = _key(mark.item)
    late: ColumnElement[bool] = (
        _PRODUCT.c.read_from < mark.number
        if mark.removed
        else _PRODUCT.c.catalog_version < mark.version
    )
    if mark.item.kind is CatalogKind.PARTNER:  # it stands for itself
        own = select(_PRODUCT.c.key).where(_PRODUCT.c.key == mark.item.code)
        return own.where(_PRODUCT.c.deleted_at.is_(None), late)
    return (
        select(_REFERENCE.c.product_key)
        .join(_PRODUCT, _PRODUCT.c.key == _REFERENCE.c.product_key)
        .where(
            _REFERENCE.c.kind == kind,
            _REFERENCE.c.parent_key == parent_key,
            _REFERENCE.c.code_key == code_key,
            and_(_PRODUCT.c.deleted_at.is_(None), late),
        )
    )
