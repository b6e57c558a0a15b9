"""Whoever reads through a filter and applies each change holds exactly the filtered store.

Products change families, categories and values, come and go; categories move and are renamed, and
whoever shows them is rendered again, as the mirror does it. The reader begins with nothing, takes a
few changes at a time, and knows nothing but what the feed tells.
"""

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from pim.canonical import load_json
from pim.document import CatalogParts, Draft, Narrowing
from pim.ids import ProductKey
from pim.json_types import JsonObject, JsonValue, as_object
from pim.product import parse_product
from pim.vocabulary import CatalogKind, Identity
from storage import Store
from storage.catalog import read_version
from storage.products import (
    ProductWrite,
    export_products,
    read_bounds,
    read_renderings,
    write_products,
    write_rendering,
)
from storage.views import ReaderFilter, list_shop_products, read_feed, resolve_filter
from tests.store_builders import CAUSE, NOW, absent, at, body_of, mirror, read_of, uuid_of
from tests.unit.pim.small_documents import Catalog

SEEDS = st.integers(0, 2**64 - 1)
PRODUCTS = 5
STEPS = 20
FAMILIES = ("lamps", "chairs")
CHANNELS = {"shop": "master", "print": "paper", "all": None}
TREE = {"desk": "home", "home": "master", "cover": "paper", "paper": None, "master": None}
LOCALES = ("en_US", "de_DE")
ATTRIBUTES = ("name", "weight", "colour")


class Source:
    """What the PIM holds, written to the store as the mirror writes it."""

    def __init__(self, store: Store, rng: Random) -> None:
        self.store = store
        self.rng = rng
        self.catalog = Catalog()
        self.tree: dict[str, str | None] = {**TREE}
        self._know(CatalogKind.ATTRIBUTE, *map(labelled, ATTRIBUTES))
        self._know(CatalogKind.FAMILY, *map(labelled, FAMILIES))
        self._know(CatalogKind.LOCALE, *({"code": code} for code in LOCALES))
        trees = CHANNELS.items()
        self._know(CatalogKind.CHANNEL, *({"code": it, "category_tree": of} for it, of in trees))
        self._know(CatalogKind.CATEGORY, *map(self._category, TREE))

    def step(self) -> None:
        self.rng.choice([self.write, self.write, self.write, self.move_category])()

    def write(self) -> None:
        """Some products as they are read: changed, gone, back again, or as they were."""
        first, last = self.store.draw_number(), self.store.draw_number()
        with self.store.read() as tx:
            version = read_version(tx)
        writes = []
        for number in self.rng.sample(range(PRODUCTS), self.rng.randint(1, 3)):
            if self.rng.random() < 0.2:
                writes.append(absent(number, first, last, announced=True))
                continue
            read = read_of(self._body(number, first), first, last)
            assert read.product is not None
            document = Draft(read.product, CatalogParts(self.catalog)).render()
            writes.append(ProductWrite(read, document, version, confirmed=True))
        self.store.run(lambda tx: write_products(tx, writes, cause=CAUSE, now=NOW))

    def _body(self, number: int, read_from: int) -> JsonObject:
        values: JsonObject = {}
        for code in self.rng.sample(ATTRIBUTES, self.rng.randint(0, len(ATTRIBUTES))):
            entries: list[JsonValue] = [
                {
                    "locale": self.rng.choice([*LOCALES, None]),
                    "scope": self.rng.choice([*CHANNELS, None]),
                    "data": self.rng.randint(0, 2),
                }
            ]
            values[code] = entries
        return {
            **body_of(number, updated=at(read_from)),
            "family": self.rng.choice([*FAMILIES, None]),
            "categories": self.rng.sample([*TREE], self.rng.randint(0, 2)),
            "values": values,
        }

    def move_category(self) -> None:
        """Hang a category elsewhere, or rename it, and render whoever shows it again."""
        code = self.rng.choice(["desk", "home", "cover"])
        if self.rng.random() < 0.7:
            above = {"desk": ["home", "master", "cover"], "home": ["master", "paper"]}
            self.tree[code] = self.rng.choice(above.get(code, ["paper", "master"]))
        self._know(CatalogKind.CATEGORY, self._category(code))
        with self.store.read() as tx:
            version = read_version(tx)
            stored = read_renderings(tx, [ProductKey(uuid_of(n)) for n in range(PRODUCTS)])
        for each in stored:
            product = parse_product(each.source, identity=Identity.UUID, main_identifier="sku")
            document = Draft(product, CatalogParts(self.catalog)).render()
            with self.store.transaction() as tx:
                write_rendering(
                    tx, each, document=document, catalog_version=version, cause=CAUSE, now=NOW
                )

    def _category(self, code: str) -> JsonObject:
        labels: JsonObject = {self.rng.choice(LOCALES): self.rng.choice(["a", "b"])}
        return {"code": code, "parent": self.tree[code], "labels": labels}

    def _know(self, kind: CatalogKind, *bodies: Mapping[str, JsonValue]) -> None:
        for body in bodies:
            self.catalog.items[kind, "", str(body["code"])] = {**body}
        mirror(self.store, kind, *bodies)


def labelled(code: str) -> JsonObject:
    return {"code": code, "labels": {"en_US": code, "de_DE": f"{code}!"}}


class Reader:
    """A filter, and a copy that begins empty."""

    def __init__(self, store: Store, rng: Random) -> None:
        self.store = store
        self.wanted = ReaderFilter(
            channels=choose(rng, [*CHANNELS]),
            locales=choose(rng, LOCALES),
            families=choose(rng, FAMILIES),
            categories=choose(rng, [*TREE]),
            attributes=choose(rng, ATTRIBUTES),
        )
        with store.read() as tx:
            _, self.position = read_bounds(tx)
        self.copy: dict[str, JsonObject] = {}

    def follow(self, limit: int) -> int:
        """Apply some changes by the one rule: put the document in place, or remove the copy's."""
        with self.store.read() as tx:
            narrowing = resolve_filter(tx, self.wanted)
            page = read_feed(
                tx, after=self.position, limit=limit, documents=True, narrowing=narrowing
            )
        for entry in page.entries:
            if entry.document is None:
                self.copy.pop(entry.change.key, None)
            else:
                self.copy[entry.change.key] = shown(entry.document)
        self.position = page.next
        return len(page.entries)


def choose(rng: Random, codes: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Often all, else one or two."""
    return () if rng.random() < 0.6 else tuple(rng.sample(codes, rng.randint(1, 2)))


def shown(document: str) -> JsonObject:
    """What the feed promises: a save that moves nothing but the date is no change."""
    body = as_object(load_json(document))
    return {name: each for name, each in body.items() if name != "updated"}


def export(store: Store, wanted: ReaderFilter) -> dict[str, JsonObject]:
    with store.read() as tx:
        exported = export_products(tx, narrowing=resolve_filter(tx, wanted))
        return {each.key: shown(each.document or "") for each in exported}


def page_through(store: Store, wanted: ReaderFilter, limit: int) -> dict[str, JsonObject]:
    """All pages of the list that the API shows."""
    listed: dict[str, JsonObject] = {}
    after: str | None = None
    while True:
        with store.read() as tx:
            narrowing: Narrowing = resolve_filter(tx, wanted)
            page = list_shop_products(tx, after=after, limit=limit, narrowing=narrowing)
        listed |= {each.key: shown(each.document) for each in page.products}
        if page.next is None:
            return listed
        after = page.next


@pytest.fixture(autouse=True)
def _no_leftovers(store: Store) -> None:
    assert export(store, ReaderFilter()) == {}


@settings(
    max_examples=max(3, settings().max_examples // 20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=SEEDS)
def test_a_copy_that_follows_through_a_filter_is_the_filtered_store(
    store: Store, seed: int
) -> None:
    rng = Random(seed)
    source = Source(store, rng)
    remove_all(store)
    reader = Reader(store, rng)
    for _ in range(STEPS):
        source.step()
        if rng.random() < 0.5:
            reader.follow(rng.randint(1, 4))
    while reader.follow(rng.randint(1, 4)):
        pass
    wanted = export(store, reader.wanted)
    assert reader.copy == wanted
    assert page_through(store, reader.wanted, rng.randint(1, 3)) == wanted
    live = len(export(store, ReaderFilter()))
    event("some outside" if len(wanted) < live else "all inside")


def remove_all(store: Store) -> None:
    """Each example begins with an empty store: what an earlier one left is removed."""
    first, last = store.draw_number(), store.draw_number()
    writes = [absent(number, first, last, announced=True) for number in range(PRODUCTS)]
    store.run(lambda tx: write_products(tx, writes, cause=CAUSE, now=NOW))
