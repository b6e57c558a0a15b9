"""What hangs below a product model, as the store knows it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, union

from pim.ids import ProductKey
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage.catalog_rows import ITEM, find_rows, key_of
from storage.engine import Transaction
from storage.product_marks import product_rows
from storage.tables import Product, ProductReference, table_of

_PRODUCT = table_of(Product)
_REFERENCE = table_of(ProductReference)


@dataclass(frozen=True, slots=True)
class Below:
    """The sub-models of a model by code, and its live variants by key with their identifiers."""

    models: tuple[str, ...]
    variants: Mapping[ProductKey, str | None]


def read_below(tx: Transaction, code: str) -> Below:
    """Read what hangs below a model, directly or through a sub-model (codes casefolded)."""
    models = find_sub_models(tx, code)
    keys = {key for each in (code, *models) for key in find_descendants(tx, each)}
    rows = [row for row in product_rows(tx, sorted(keys)) if row.deleted_at is None]
    return Below(tuple(models), {ProductKey(row.key): row.identifier for row in rows})


def find_sub_models(tx: Transaction, code: str) -> list[str]:
    """Find the codes of the models directly below a model."""
    below = select(ITEM.c.code).where(
        ITEM.c.kind == CatalogKind.PRODUCT_MODEL,
        ITEM.c.above_key == code.casefold(),
        ITEM.c.removed.is_(False),
    )
    return list(tx.execute(below.order_by(ITEM.c.code_key)).scalars())


def find_descendants(tx: Transaction, model_code: str) -> list[ProductKey]:
    """Find the live variants below a model, directly or through a sub-model."""
    code = model_code.casefold()
    children = select(_PRODUCT.c.key).where(
        _PRODUCT.c.parent_key == code, _PRODUCT.c.deleted_at.is_(None)
    )
    users = select(_REFERENCE.c.product_key).where(
        _REFERENCE.c.kind == CatalogKind.PRODUCT_MODEL,
        _REFERENCE.c.parent_key == "",
        _REFERENCE.c.code_key == code,
    )
    return sorted(tx.execute(union(children, users)).scalars())


def is_model_stored(tx: Transaction, code: str) -> bool:
    """Whether the mirror has a model of this code."""
    key = key_of(Reference(CatalogKind.PRODUCT_MODEL, "", code))
    return any(not row.removed for _, row in find_rows(tx, [key], ITEM.c.removed))
