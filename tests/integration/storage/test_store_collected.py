"""What many items say together is loaded whole, and its users follow each of its parts."""

from pim.json_types import JsonObject
from pim.reads import ItemRead, ReadInterval
from pim.structure import Reference, parse_item
from pim.vocabulary import CatalogKind
from storage import Store
from storage.catalog import ItemsWritten, list_abandoned, open_marks, read_version, write_items
from tests.integration.storage.catalog_scene import snapshot_of, user
from tests.store_builders import NOW, write

WEB = Reference(CatalogKind.CHANNEL, "", "web")
MASTER = Reference(CatalogKind.CATEGORY_TREE, "", "Master")
SALE = Reference(CatalogKind.CATEGORY_TREE, "", "sale")
ITALY = Reference(CatalogKind.REFERENCE_ENTITY_OPTION, "Brand/Country", "IT")
BRANDS = Reference(CatalogKind.RECORD_OPTIONS, "", "brand")


def put(store: Store, reference: Reference, body: JsonObject | None) -> ItemsWritten:
    number = store.draw_number()
    interval = ReadInterval(number, number, NOW)
    full: JsonObject = {"code": reference.code, **(body or {})}
    item = None if body is None else parse_item(reference.kind, reference.parent, full)
    return store.run(lambda tx: write_items(tx, [ItemRead(reference, interval, item)]))


def marked(store: Store) -> set[Reference]:
    with store.read() as tx:
        return {
            Reference(each.item.kind, each.item.parent, each.item.code.casefold())
            for each in open_marks(tx, removed=False)
        }


def use(store: Store, *references: Reference) -> None:
    with store.read() as tx:
        version = read_version(tx)
    write(store, user(0, store.draw_number(), version, *references))


def shown(store: Store, whole: Reference) -> JsonObject | None:
    return snapshot_of(store, whole).get(whole.kind, "", whole.code)


def test_a_tree_is_shown_by_the_channels_that_name_it(store: Store) -> None:
    labels: JsonObject = {"labels": {"en_US": "Web"}}
    put(store, WEB, {"category_tree": "master", **labels})
    put(store, Reference(CatalogKind.CHANNEL, "", "app"), {"category_tree": "other"})
    assert shown(store, MASTER) == {"channels": [{"code": "web", **labels}]}
    assert shown(store, SALE) == {"channels": []}


def test_users_of_a_tree_follow_a_channel_that_comes_turns_away_and_goes(store: Store) -> None:
    use(store, MASTER)
    put(store, WEB, {"category_tree": "master"})
    assert marked(store) == {Reference(CatalogKind.CATEGORY_TREE, "", "master")}
    use(store, MASTER, SALE)
    put(store, WEB, {"category_tree": "sale"})
    assert marked(store) >= {SALE, Reference(CatalogKind.CATEGORY_TREE, "", "master")}
    use(store, SALE)
    put(store, WEB, None)
    assert SALE in marked(store)
    assert shown(store, SALE) == {"channels": []}


def test_users_of_an_entitys_options_follow_each_of_them(store: Store) -> None:
    use(store, BRANDS)
    put(store, ITALY, {"labels": {"en_US": "Italy"}})
    assert marked(store) == {BRANDS}
    assert shown(store, BRANDS) == {"country": {"it": {"en_US": "Italy"}}}
    use(store, BRANDS)
    put(store, ITALY, None)
    assert marked(store) == {BRANDS}
    assert shown(store, BRANDS) == {}


def test_options_of_a_removed_attribute_of_an_entity_are_abandoned(store: Store) -> None:
    country = Reference(CatalogKind.REFERENCE_ENTITY_ATTRIBUTE, "brand", "country")
    for item in (country, ITALY, Reference(ITALY.kind, "brand/other", "IT")):
        put(store, item, {})
    with store.read() as tx:
        assert list_abandoned(tx, ITALY.kind) == []
    put(store, country, None)
    with store.read() as tx:
        assert list_abandoned(tx, ITALY.kind) == [ITALY]
