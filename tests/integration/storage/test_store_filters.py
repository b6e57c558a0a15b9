"""Filters of readers, looked up in the mirrored structure; exports and the feed through them."""

from dataclasses import replace

import pytest

from pim.canonical import load_json
from pim.document import Document, Narrowing
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage import Store, UnknownCode
from storage.products import ProductWrite, export_products
from storage.views import OUTSIDE, ReaderFilter, read_feed, resolve_filter
from tests.integration.storage.catalog_scene import put
from tests.store_builders import absent, body_of, live, mirror, uuid_of, write


@pytest.fixture
def mirrored(store: Store) -> Store:
    """Two channels, one without a tree; categories, families, locales, attributes."""
    mirror(
        store,
        CatalogKind.CHANNEL,
        {"code": "Shop", "category_tree": "Master"},
        {"code": "all"},
    )
    mirror(store, CatalogKind.CATEGORY, {"code": "Master"}, {"code": "desk", "parent": "Master"})
    mirror(store, CatalogKind.FAMILY, {"code": "lamps"}, {"code": "chairs"})
    mirror(store, CatalogKind.LOCALE, {"code": "en_US"}, {"code": "de_DE"})
    mirror(store, CatalogKind.ATTRIBUTE, {"code": "name"}, {"code": "weight"})
    return store


def resolve(store: Store, wanted: ReaderFilter) -> Narrowing:
    with store.read() as tx:
        return resolve_filter(tx, wanted)


def shown(
    product: int, number: int, *, family: str = "lamps", category: str = "desk", name: str = "Arc"
) -> ProductWrite:
    """A product as it is rendered: in the category `desk` that is below the channel's root."""
    body: JsonObject = {**body_of(product, name=name), "family": family, "categories": [category]}
    written = live(body, number, number + 1)
    path: list[JsonValue] = ["Master", "desk"]
    values: list[JsonValue] = [{"locale": "en_US", "scope": None, "data": name}]
    document: JsonObject = {
        "key": written.read.key,
        "family": {"code": family},
        "categories": [{"code": category, **({"path": path} if category == "desk" else {})}],
        "attributes": {"name": {"values": values}},
    }
    named = [
        Reference(CatalogKind.FAMILY, "", family),
        Reference(CatalogKind.CATEGORY, "", category),
    ]
    named += [Reference(CatalogKind.CATEGORY, "", "Master")] if category == "desk" else []
    return replace(written, document=Document(document, frozenset(named)))


def test_codes_are_found_in_any_case_and_a_channel_brings_its_tree(mirrored: Store) -> None:
    wanted = ReaderFilter(("SHOP",), ("EN_us",), ("Lamps",), ("DESK",), ("NAME",))
    assert resolve(mirrored, wanted) == Narrowing(
        *map(frozenset, [["shop"], ["en_us"], ["lamps"], ["desk"], ["name"], ["master"]])
    )


def test_with_a_channel_that_has_no_tree_no_product_is_outside(mirrored: Store) -> None:
    assert resolve(mirrored, ReaderFilter(("shop", "all"))).trees == frozenset()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (ReaderFilter(channels=("shopp",)), "there is no channel 'shopp'; did you mean 'Shop'?"),
        (ReaderFilter(locales=("en",)), "there is no locale 'en'; name it as the PIM does"),
        (
            ReaderFilter(families=("lamps", "lamp")),
            "there is no family 'lamp'; did you mean 'lamps'?",
        ),
        (ReaderFilter(categories=("desks",)), "there is no category 'desks'; did you mean 'desk'?"),
        (ReaderFilter(attributes=("",)), "there is no attribute ''; name it"),
    ],
)
def test_a_code_that_there_is_not_is_named_with_what_was_meant(
    mirrored: Store, wanted: ReaderFilter, said: str
) -> None:
    with pytest.raises(UnknownCode) as raised:
        resolve(mirrored, wanted)
    assert str(raised.value).startswith(said)


def test_what_was_removed_is_there_no_more(mirrored: Store) -> None:
    put(mirrored, Reference(CatalogKind.FAMILY, "", "chairs"), None)
    with pytest.raises(UnknownCode, match="there is no family 'chairs'"):
        resolve(mirrored, ReaderFilter(families=("chairs",)))


def test_without_any_structure_it_is_said_what_is_missing(store: Store) -> None:
    with pytest.raises(UnknownCode, match="none is mirrored yet: run `akeneo-sync reconcile"):
        resolve(store, ReaderFilter(families=("lamps",)))


def test_an_export_holds_what_is_inside_narrowed(mirrored: Store) -> None:
    write(mirrored, shown(1, 1), shown(2, 1, family="chairs"), shown(3, 1, category="sale"))
    write(mirrored, absent(4, 1, 2))
    for wanted, inside in (
        (ReaderFilter(), [1, 2, 3]),
        (ReaderFilter(families=("lamps",)), [1, 3]),
        (ReaderFilter(channels=("shop",)), [1, 2]),
        (ReaderFilter(categories=("master",), families=("chairs",)), [2]),
    ):
        with mirrored.read() as tx:
            found = [*export_products(tx, narrowing=resolve_filter(tx, wanted))]
        assert [each.key for each in found] == [uuid_of(n) for n in inside]
        assert all((each.source is None) == bool(wanted.channels) for each in found)
    with mirrored.read() as tx:
        narrowing = resolve_filter(tx, ReaderFilter(locales=("de_DE",)))
        documents = [each.document for each in export_products(tx, narrowing=narrowing)]
    assert all(as_object(load_json(each or ""))["attributes"] == {} for each in documents)


def test_many_pages_of_which_few_products_are_inside_are_walked(mirrored: Store) -> None:
    write(mirrored, *(shown(n, 1, family="chairs" if n % 90 else "lamps") for n in range(450)))
    with mirrored.read() as tx:
        narrowing = resolve_filter(tx, ReaderFilter(families=("lamps",)))
        found = [each.key for each in export_products(tx, narrowing=narrowing)]
    assert found == [uuid_of(n) for n in range(0, 450, 90)]


def test_the_feed_tells_what_left_as_outside_and_what_came_with_its_document(
    mirrored: Store,
) -> None:
    write(mirrored, shown(1, 1), shown(2, 1, family="chairs"))
    write(mirrored, shown(1, 3, family="chairs"), shown(2, 3))
    write(mirrored, absent(1, 5, 6))
    with mirrored.read() as tx:
        narrowing = resolve_filter(tx, ReaderFilter(families=("lamps",)))
        page = read_feed(tx, after=0, documents=True, narrowing=narrowing)
        bare = read_feed(tx, after=0, narrowing=narrowing)
    told = [(entry.change.key, entry.change.op, entry.document is None) for entry in page.entries]
    first, second = uuid_of(1), uuid_of(2)
    assert told == [
        (first, "created", True),  # gone by now: as the store without a filter tells it
        (second, "created", False),
        (first, "updated", True),
        (second, "updated", False),
        (first, "deleted", True),
    ]
    assert [each.change.op for each in bare.entries] == [each[1] for each in told]
    write(mirrored, shown(2, 7, family="chairs"))
    with mirrored.read() as tx:
        page = read_feed(tx, after=page.next, documents=True, narrowing=narrowing)
    (entry,) = page.entries
    assert (entry.change.op, entry.change.changed, entry.document) == (OUTSIDE, (), None)


def test_a_change_names_nothing_that_the_documents_do_not_show(mirrored: Store) -> None:
    write(mirrored, shown(1, 1))
    write(mirrored, shown(1, 3, name="Bow", category="sale"))
    with mirrored.read() as tx:
        for wanted, named in (("name", ["categories", "name"]), ("weight", ["categories"])):
            narrowing = resolve_filter(tx, ReaderFilter(attributes=(wanted,)))
            entry = read_feed(tx, after=0, narrowing=narrowing).entries[-1]
            assert [each.code for each in entry.change.changed] == named
            assert as_list(as_object(load_json(entry.line(documents=False)))["changed"])
