"""Products by name and in lists, and the structure beside them, as a shop asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from pim.document import EVERYTHING, Narrowing
from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.vocabulary import CatalogKind
from storage.database import Transaction, fold, read_object
from storage.products import (
    find_keys,
    list_conditions,
    read_below,
    read_live_documents,
    read_products,
)
from storage.tables import CatalogItemRow, Product, ProductContent, table_of

_PRODUCT = table_of(Product)
_CONTENT = table_of(ProductContent)
_ITEM = table_of(CatalogItemRow)


@dataclass(frozen=True, slots=True)
class ShopProduct:
    """A live product; `document` is JSON text, as stored but for what a reader does not want."""

    key: ProductKey
    identifier: str | None
    updated: datetime | None
    document: str


@dataclass(frozen=True, slots=True)
class ShopPage:
    """Some products in key order; `next` is the key to go on after, None at the end."""

    products: Sequence[ShopProduct]
    next: ProductKey | None


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


@dataclass(frozen=True, slots=True)
class Outside:
    """A live product, or a model, that is in none of what the reader wants."""

    name: str


def find_in_shop(
    tx: Transaction, name: str, narrowing: Narrowing = EVERYTHING
) -> ShopProduct | ShopModel | Outside | Gone | None:
    """Find what a uuid, an identifier or a model's code names, compared casefolded.

    Of several products of one identifier, the first by key; live ones come first, and those inside.
    A model is inside with its variants that are.
    """
    name = name.strip()
    keys = [ProductKey(name.casefold()), *find_keys(tx, [name]).get(name, ())]
    named = _products().where(_PRODUCT.c.key.in_(keys)).order_by(_PRODUCT.c.key)
    if rows := tx.execute(named).all():
        products = (_product(row, narrowing) for row in rows)
        return next(filter(None, products), Outside(name))
    model = _find_model(tx, name)
    if model is not None:
        return _hang_below(tx, model, narrowing)
    return next((Gone(each) for each in sorted(read_products(tx, keys))), None)


def _hang_below(tx: Transaction, model: ShopItem, narrowing: Narrowing) -> ShopModel | Outside:
    below = read_below(tx, model.code)
    variants = sorted(below.variants)
    if narrowing.has_outside:
        shown = read_live_documents(tx, variants)
        inside = [key for key in variants if narrowing.narrow_text(shown.get(key, "{}"))]
        if not inside:
            return Outside(model.code)
        variants = inside
    body = model.body
    if narrowing.hides_values and "values" in body:
        body = {**body, "values": narrowing.narrow_values(body["values"])}
    return ShopModel(model.code, body, below.models, tuple(variants))


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
    narrowing: Narrowing = EVERYTHING,
) -> ShopPage:
    """List live products inside of a narrowing, in key order; a page may hold fewer than asked."""
    conditions = list_conditions(tx, narrowing)
    listed = _products().where(*conditions).order_by(_PRODUCT.c.key).limit(limit)
    if after is not None:
        listed = listed.where(_PRODUCT.c.key > after)
    if updated_after is not None:
        listed = listed.where(_PRODUCT.c.updated > updated_after)
    rows = tx.execute(listed).all()
    products = [_product(row, narrowing) for row in rows]
    following = ProductKey(rows[-1].key) if len(rows) == limit else None
    return ShopPage([each for each in products if each is not None], following)


def _products() -> Select[Any]:
    columns = (_PRODUCT.c.key, _PRODUCT.c.identifier, _PRODUCT.c.updated, _CONTENT.c.document)
    live = select(*columns).join(_CONTENT, _CONTENT.c.key == _PRODUCT.c.key)
    return live.where(_PRODUCT.c.deleted_at.is_(None))


def _product(row: Row[Any], narrowing: Narrowing) -> ShopProduct | None:
    """The product as it is wanted; None: it is outside."""
    document = narrowing.narrow_text(row.document)
    if document is None:
        return None
    return ShopProduct(ProductKey(row.key), row.identifier, row.updated, document)


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
