"""Who must be read again because it stands at the other end of a two-way association.

The source writes both ends as one of them is saved, and tells of that one: the other's answer
changes without an event, and without moving its `updated`. So where a write shows that a product
took up or gave up a target, the target is read, unless its stored answer knows already.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from sqlalchemy import select

from pim.document import associated_by_type
from pim.ids import ProductKey
from pim.json_types import JsonObject, as_code
from pim.meaning import read_meaning
from pim.product import SourceProduct
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage.catalog_marks import leave_marks
from storage.catalog_rows import ITEM, find_rows, read_version
from storage.engine import Transaction
from storage.lineage import find_descendants
from storage.product_parts import read_sources
from storage.product_types import ProductWrite, WriteResult
from storage.statements import read_object
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
    two_way = _two_way(tx, types)
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


def _two_way(tx: Transaction, types: Collection[str]) -> set[str]:
    """Those of these association types (casefolded) of which the mirror knows that they are."""
    keys = [(str(CatalogKind.ASSOCIATION_TYPE), "", code.casefold()) for code in types]
    return {
        key[2]
        for key, row in find_rows(tx, keys, ITEM.c.body, ITEM.c.removed)
        if not row.removed and read_object(row.body).get("is_two_way") in _TRUE
    }


_TRUE = (True, 1, "1", "true")
"""As PHP may write it."""


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
