"""Items, their users, and the marks between them, in few words."""

from pim.document import Document
from pim.ids import OrderNumber, ProductKey
from pim.json_types import JsonObject
from pim.product.fingerprint import fingerprint_item
from pim.reads import ItemRead, ReadInterval
from pim.structure import CatalogItem, Reference
from pim.vocabulary import CatalogKind
from storage import Store
from storage.catalog import (
    CatalogSnapshot,
    ItemsWritten,
    Mark,
    finish_mark,
    list_users_behind,
    load_snapshot,
    open_marks,
    write_items,
)
from storage.products import ProductWrite
from storage.products.rendering import read_renderings, write_rendering
from tests.store_builders import CAUSE, NOW, body_of, live, uuid_of

RED = Reference(CatalogKind.OPTION, "colour", "red")
KEYS = [ProductKey(uuid_of(n)) for n in range(5)]


def make_item(reference: Reference, label: str) -> CatalogItem:
    body: JsonObject = {"code": reference.code, "labels": {"en_US": label}, "sort": 1.50}
    return CatalogItem(
        kind=reference.kind,
        parent=reference.parent,
        code=reference.code,
        body=body,
        content_hash=fingerprint_item(body),
        updated=None,
    )


def read_of(
    reference: Reference, label: str | None, read_from: int, read_to: int | None = None
) -> ItemRead:
    """A read of an item, or (without a label) of its absence."""
    interval = ReadInterval(OrderNumber(read_from), OrderNumber(read_to or read_from), NOW)
    item = None if label is None else make_item(reference, label)
    return ItemRead(reference, interval, item)


def put(store: Store, reference: Reference, label: str | None) -> ItemsWritten:
    """Store an item, or its absence, as read just now."""
    read = read_of(reference, label, store.draw_number())
    return store.run(lambda tx: write_items(tx, [read]))


def user(product: int, number: int, version: int, *references: Reference) -> ProductWrite:
    body = body_of(product, name=f"read {number}")
    return live(body, number, number, catalog_version=version, references=frozenset(references))


def snapshot_of(store: Store, *references: Reference) -> CatalogSnapshot:
    with store.read() as tx:
        return load_snapshot(tx, references)


def first_mark(store: Store) -> Mark | None:
    with store.read() as tx:
        return next(iter(open_marks(tx)), None)


def behind(store: Store, mark: Mark) -> list[ProductKey]:
    with store.read() as tx:
        return list_users_behind(tx, mark)


def finish(store: Store, mark: Mark) -> bool:
    return store.run(lambda tx: finish_mark(tx, mark))


def render(store: Store, key: ProductKey, version: int, *references: Reference) -> bool:
    with store.read() as tx:
        (stored,) = read_renderings(tx, [key])
    document = Document({"rendered": version}, frozenset(references))
    return store.run(
        lambda tx: write_rendering(
            tx, stored, document=document, catalog_version=version, cause=CAUSE, now=NOW
        )
    )
