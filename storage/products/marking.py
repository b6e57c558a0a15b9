"""Marks that a write of products leaves, for those whose answers changed with it without an event.

Two-way associations: the source writes both ends as one of them is saved, and tells of that one:
the other's answer changes without an event, and without moving its `updated`. So where a write
shows that a product took up or gave up a target, the target is read, unless its stored answer
knows already.

Removed and renamed products: the source drops a removed one from the answers of all others without
an event, too; one that is made again under the same key is not put back. So what counts is that a
removal was told of, or seen, and not what is there now.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select

from pim.document import associated_by_type
from pim.ids import ProductKey
from pim.json_types import JsonObject, as_code
from pim.product import SourceProduct, read_meaning
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage.catalog import find_two_way_types, leave_marks, read_version
from storage.database import Transaction, in_slices
from storage.products.reading import find_descendants, read_sources
from storage.products.types import ProductWrite, WriteResult, Written
from storage.tables import Product, table_of

_PRODUCT = table_of(Product)


def mark_partners(
    tx: Transaction,
    writes: Mapping[ProductKey, ProductWrite],
    results: Mapping[ProductKey, WriteResult],
) -> dict[ProductKey, WriteResult]:
    """Mark the other ends that do not know yet; answer the results of those that have any.

    The catalog is shared, not owned, by then, which is enough: whoever is read for such a mark is
    stored by a later read than any that could miss it.
    """
    retargeted = {key: result.retargeted for key, result in results.items() if result.retargeted}
    types = {code for pairs in retargeted.values() for code, _ in pairs}
    two_way = find_two_way_types(tx, types)
    marked: dict[ProductKey, WriteResult] = {}
    behind: set[ProductKey] = set()
    for key, pairs in retargeted.items():
        product = writes[key].read.product
        told = {(code, target) for code, target in pairs if code.casefold() in two_way}
        if product is not None and told and (found := _ends_behind(tx, product, told)):
            behind |= found
            marked[key] = replace(results[key], has_partners=True)
    if behind:
        items = [Reference(CatalogKind.PARTNER, "", key) for key in sorted(behind)]
        leave_marks(tx, items, version=read_version(tx), removed=True)
    return marked


def _ends_behind(
    tx: Transaction, product: SourceProduct, told: Collection[tuple[str, Reference]]
) -> set[ProductKey]:
    now = associated_by_type(product.content)
    names = _names_of(product)
    found: set[ProductKey] = set()
    for code, target in told:
        is_named = target in now.get(code, frozenset())
        sources = read_sources(tx, sorted(_keys_of(tx, target) - {product.key}))
        found |= {
            key for key, source in sources.items() if _names(source, code, names) is not is_named
        }
    return found


def _names_of(product: SourceProduct) -> set[str]:
    """What the other end may call it by; a variant also stands for the models it inherits from."""
    root = as_code(product.content.get("root_parent"))
    names = (product.key, product.identifier, product.parent, root)
    return {name.casefold() for name in names if name}


def _names(source: JsonObject, code: str, names: Collection[str]) -> bool:
    """Whether an answer's associations of this type point to any of these names."""
    targets = associated_by_type(read_meaning(source).content).get(code, frozenset())
    return any(target.code.casefold() in names for target in targets)


def _keys_of(tx: Transaction, target: Reference) -> set[ProductKey]:
    """The live products that a target means: itself, or a model's variants, which inherit."""
    if target.kind is CatalogKind.ASSOCIATED_MODEL:
        return set(find_descendants(tx, target.code))
    return set(_named(tx, target.code))


def _named(tx: Transaction, name: str) -> Iterator[ProductKey]:
    for column in (_PRODUCT.c.key, _PRODUCT.c.identifier_key):
        live = select(_PRODUCT.c.key).where(
            column == name.casefold(), _PRODUCT.c.deleted_at.is_(None)
        )
        yield from tx.execute(live).scalars()


def mark_unnamed(
    tx: Transaction,
    rows: Mapping[ProductKey, Row[Any]],
    results: Mapping[ProductKey, WriteResult],
    renamed: Collection[ProductKey],
) -> None:
    """Mark what these writes deleted or renamed; the caller owns the catalog if any did.

    By key, and by the identifier that the row has kept: associations may name it either way.
    """
    deleted = [key for key in rows if results[key].written is Written.DELETED]
    changed = [key for key in renamed if key in rows and results[key].written is Written.UPDATED]
    codes = {*deleted, *changed, *(rows[key].identifier for key in deleted)}
    items = [Reference(CatalogKind.PRODUCT, "", code) for code in sorted(filter(None, codes))]
    if items:
        leave_marks(tx, items, version=read_version(tx), removed=True)


def find_renamed(tx: Transaction, writes: Sequence[ProductWrite]) -> set[ProductKey]:
    """Find the products without a uuid whose identifier would be spelled another way.

    Others name them by it, so their answers change, too. By uuid, nobody's does.
    """
    spelled = {
        write.read.key: write.read.product.identifier
        for write in writes
        if write.read.product is not None and write.read.product.uuid is None
    }
    renamed: set[ProductKey] = set()
    for some in in_slices(sorted(spelled)):
        rows = tx.execute(
            select(_PRODUCT.c.key, _PRODUCT.c.identifier).where(_PRODUCT.c.key.in_(some))
        )
        renamed |= {row.key for row in rows if row.identifier != spelled[row.key]}
    return renamed
