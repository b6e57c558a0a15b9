"""Products by name and in lists, and the structure beside them, as a shop asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select

from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.vocabulary import CatalogKind
from storage.database import Transaction, fold, read_object
from storage.products import find_keys, read_below, read_products
from storage.references import is_among
from storage.tables import (
    CatalogItemRow,
    Product,
    ProductContent,
    table_of,
)

_PRODUCT = table_of(Product)
_CONTENT = table_of(ProductContent)
_ITEM = table_of(CatalogItemRow)


@dataclass(frozen=True, slots=True)
class ShopProduct:
    """A live product; `document` is JSON text as stored."""

    key: ProductKey
    identifier: str | None
    updated: datetime | None
    document: str


@dataclass(frozen=True, slots=True)
class ShopItem:
    """A thing of the structure, as the PIM shows it; `parent` is empty where its kind has none."""

    parent: str
    code: str
    body: JsonObject


@dataclass(frozen=True, slots=True)
class ShopModel:
    """A product model as the PIM shows it, with what hangs below it."""

    code: str
    body: JsonObject
    models: tuple[str, ...]
    variants: tuple[ProductKey, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """A product that was live once."""

    key: ProductKey


def find_in_shop(tx: Transaction, name: str) -> ShopProduct | ShopModel | Gone | None:
    """Find what a uuid, an identifier or a model's code names, compared casefolded.

    Of several products of one identifier, the first by key; live ones come first.
    """
    key = ProductKey(name.strip().casefold())
    keys = [key, *find_keys(tx, [name.strip()]).get(name.strip(), ())]
    row = tx.execute(_products().where(_PRODUCT.c.key.in_(keys)).order_by(_PRODUCT.c.key)).first()
    if row is not None:
        return _product(row)
    model = _find_model(tx, name.strip())
    if model is not None:
        below = read_below(tx, model.code)
        return ShopModel(model.code, model.body, below.models, tuple(sorted(below.variants)))
    return next((Gone(each) for each in sorted(read_products(tx, keys))), None)


def _find_model(tx: Transaction, code: str) -> ShopItem | None:
    columns = (_ITEM.c.parent, _ITEM.c.code, _ITEM.c.body)
    model = select(*columns).where(
        _ITEM.c.kind == CatalogKind.PRODUCT_MODEL,
        _ITEM.c.parent_key == "",
        _ITEM.c.code_key == fold(code),
        _ITEM.c.removed.is_(False),
    )
    row = tx.execute(model).first()
    return None if row is None else _item(row)


def list_shop_products(
    tx: Transaction,
    *,
    after: str | None = None,
    limit: int = 100,
    updated_after: datetime | None = None,
    family: str | None = None,
    category: str | None = None,
) -> list[ShopProduct]:
    """List live products in key order. `category`: those in it, or anywhere below it."""
    listed = _products().order_by(_PRODUCT.c.key).limit(limit)
    if after is not None:
        listed = listed.where(_PRODUCT.c.key > after)
    if updated_after is not None:
        listed = listed.where(_PRODUCT.c.updated > updated_after)
    if family is not None:
        listed = listed.where(_refers_to(tx, CatalogKind.FAMILY, family))
    if category is not None:
        listed = listed.where(_refers_to(tx, CatalogKind.CATEGORY, category))
    return [_product(row) for row in tx.execute(listed)]


def _products() -> Select[Any]:
    columns = (_PRODUCT.c.key, _PRODUCT.c.identifier, _PRODUCT.c.updated, _CONTENT.c.document)
    live = select(*columns).join(_CONTENT, _CONTENT.c.key == _PRODUCT.c.key)
    return live.where(_PRODUCT.c.deleted_at.is_(None))


def _refers_to(tx: Transaction, kind: CatalogKind, code: str) -> ColumnElement[bool]:
    """A product refers to its family, and to each of its categories with those above them."""
    return is_among(tx, _PRODUCT.c.key, (str(kind), "", code.casefold()))


def _product(row: Row[Any]) -> ShopProduct:
    return ShopProduct(ProductKey(row.key), row.identifier, row.updated, row.document)


def list_shop_items(
    tx: Transaction,
    kind: CatalogKind,
    *,
    parent: str | None = None,
    after: tuple[str, str] | None = None,
    limit: int = 100,
) -> Sequence[ShopItem]:
    """List items of a kind (below one parent), by parent and code, after such a pair."""
    place = (_ITEM.c.parent_key, _ITEM.c.code_key)
    listed = (
        select(_ITEM.c.parent, _ITEM.c.code, _ITEM.c.body)
        .where(_ITEM.c.kind == kind, _ITEM.c.removed.is_(False))
        .order_by(*place)
        .limit(limit)
    )
    if parent is not None:
        listed = listed.where(_ITEM.c.parent_key == fold(parent))
    if after is not None:
        above, code = after[0].casefold(), after[1].casefold()
        beyond = (_ITEM.c.parent_key == above) & (_ITEM.c.code_key > code)
        listed = listed.where((_ITEM.c.parent_key > above) | beyond)
    return [_item(row) for row in tx.execute(listed)]


def _item(row: Row[Any]) -> ShopItem:
    return ShopItem(row.parent, row.code, read_object(row.body))
