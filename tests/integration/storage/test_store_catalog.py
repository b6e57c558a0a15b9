"""The structure's changes reach every user, whatever runs beside."""

from sqlalchemy import select, update

from pim.document import Document
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage import Store
from storage.catalog import (
    CatalogSnapshot,
    ItemsWritten,
    count_items,
    list_abandoned,
    list_codes,
    list_items,
    list_unseen,
    list_users_behind,
    load_snapshot,
    open_marks,
    read_version,
    write_items,
)
from storage.products.export import export_products
from storage.products.rendering import read_renderings, write_rendering
from storage.tables import CatalogItemRow, table_of
from tests.integration.storage.catalog_scene import (
    KEYS,
    RED,
    behind,
    finish,
    first_mark,
    put,
    read_of,
    render,
    snapshot_of,
    user,
)
from tests.store_builders import CAUSE, NOW, absent, write


def test_items_are_found_casefolded_and_kept_as_written(store: Store) -> None:
    put(store, Reference(CatalogKind.OPTION, "Colour", "Straße"), "Street")
    snapshot = snapshot_of(store, Reference(CatalogKind.OPTION, "COLOUR", "STRASSE"), RED)
    found = snapshot.get(CatalogKind.OPTION, "colour", "strasse")
    assert found is not None
    assert found["code"] == "Straße"
    assert snapshot.get(CatalogKind.OPTION, "colour", "STRASSE") is not None
    assert snapshot.get(RED.kind, RED.parent, RED.code) is None
    with store.read() as tx:
        assert list_codes(tx, CatalogKind.OPTION) == {"Straße"}
        assert list_codes(tx, CatalogKind.OPTION, "size") == set()
        assert list(list_items(tx, CatalogKind.OPTION, "colour")) == ["Straße"]


def test_only_a_change_raises_the_version(store: Store) -> None:
    assert put(store, RED, "Red").changed == (RED,)
    version = snapshot_of(store).version
    assert put(store, RED, "Red").changed == ()
    assert snapshot_of(store).version == version
    assert put(store, RED, "Rouge").changed == (RED,)
    assert snapshot_of(store).version == version + 1


def test_an_older_read_neither_overwrites_nor_brings_back(store: Store) -> None:
    """A drain's read of a missing item and a sweep's page race: the later read wins."""

    def wrote(label: str | None, read_from: int, read_to: int) -> ItemsWritten:
        return store.run(lambda tx: write_items(tx, [read_of(RED, label, read_from, read_to)]))

    assert wrote("new", 5, 6).changed == (RED,)
    assert wrote("old", 1, 4) == ItemsWritten()
    assert wrote(None, 1, 4) == ItemsWritten()
    assert wrote("other", 4, 5).contended == (RED,)
    assert wrote("new", 4, 5) == ItemsWritten()
    assert wrote("new", 7, 8) == ItemsWritten()  # unchanged, and seen again
    assert wrote("late", 6, 6) == ItemsWritten()
    assert wrote(None, 9, 10).removed == (RED,)
    assert wrote("new", 7, 8) == ItemsWritten()
    assert snapshot_of(store, RED).get(RED.kind, RED.parent, RED.code) is None
    assert wrote(None, 11, 12) == ItemsWritten()
    assert wrote("new", 9, 10) == ItemsWritten()
    assert wrote("new", 13, 14).changed == (RED,)


def test_an_absence_is_remembered_where_nothing_was_known(store: Store) -> None:
    assert put(store, RED, None) == ItemsWritten()
    assert snapshot_of(store, RED) == CatalogSnapshot(0, {})
    stale = read_of(RED, "gone", 0)
    assert store.run(lambda tx: write_items(tx, [stale])) == ItemsWritten()
    assert put(store, RED, "Red").changed == (RED,)


def test_what_a_sweep_did_not_see_is_listed_in_pages(store: Store) -> None:
    options = [Reference(CatalogKind.OPTION, "Colour", code) for code in ("A", "b", "C")]
    for option in (*options, Reference(CatalogKind.OPTION, "size", "d")):
        put(store, option, "label")
    first = store.draw_number()
    put(store, options[1], "label")

    def unseen(after: str | None, limit: int) -> list[str]:
        with store.read() as tx:
            return list_unseen(
                tx, CatalogKind.OPTION, "colour", first_number=first, after=after, limit=limit
            )

    assert unseen(None, 9) == ["A", "C"]
    assert unseen(None, 1) == ["A"]
    assert unseen("A", 9) == ["C"]
    put(store, options[0], None)
    assert unseen(None, 9) == ["C"]


def test_an_item_without_users_needs_nobody(store: Store) -> None:
    put(store, RED, "Red")
    assert first_mark(store) is None


def test_users_of_a_changed_item_are_behind_until_they_are_rendered(store: Store) -> None:
    put(store, RED, "Red")
    write(store, *(user(n, 1, 1, RED) for n in range(3)), user(3, 1, 1))
    put(store, RED, "Rouge")
    mark = first_mark(store)
    assert mark is not None
    assert (mark.item, mark.removed) == (RED, False)
    assert behind(store, mark) == KEYS[:3]
    assert not finish(store, mark)
    with store.read() as tx:
        assert list_users_behind(tx, mark, after=KEYS[0], limit=1) == [KEYS[1]]
    for key in KEYS[:3]:
        assert render(store, key, mark.version, RED)
    assert behind(store, mark) == []
    assert finish(store, mark)
    assert first_mark(store) is None
    with store.read() as tx:
        documents = [each.document for each in export_products(tx)]
    assert documents[:3] == [f'{{"rendered":{mark.version}}}'] * 3


def test_a_rendering_is_dropped_where_content_or_version_moved(store: Store) -> None:
    write(store, user(0, 1, 1, RED))
    with store.read() as tx:
        (stale,) = read_renderings(tx, [KEYS[0]])
    write(store, user(0, 3, 1, RED))
    document = Document({"stale": True}, frozenset())
    with store.transaction() as tx:
        assert not write_rendering(
            tx, stale, document=document, catalog_version=9, cause=CAUSE, now=NOW
        )
    assert render(store, KEYS[0], 5, RED)
    assert not render(store, KEYS[0], 4, RED)
    write(store, absent(0, 5, 6))
    with store.read() as tx:
        assert read_renderings(tx, KEYS) == []


def test_users_of_a_removed_item_are_to_be_read_again(store: Store) -> None:
    put(store, RED, "Red")
    write(store, user(0, 1, 1, RED), user(1, 1, 1))
    unknown = Reference(CatalogKind.OPTION, "colour", "unknown")
    assert put(store, unknown, None).removed == ()
    assert put(store, RED, None).removed == (RED,)
    mark = first_mark(store)
    assert mark is not None
    assert mark.removed
    assert behind(store, mark) == [KEYS[0]]
    assert render(store, KEYS[0], mark.version, RED)
    assert behind(store, mark) == [KEYS[0]]  # rendering is no reading
    number = store.draw_number()
    write(store, user(0, number, mark.version))
    assert finish(store, mark)
    assert snapshot_of(store, RED).get(RED.kind, RED.parent, RED.code) is None


def test_open_marks_are_listed_by_kind_oldest_first(store: Store) -> None:
    blue = Reference(CatalogKind.OPTION, "colour", "blue")
    family = Reference(CatalogKind.FAMILY, "", "lamps")
    write(store, user(0, 1, 0, RED, blue, family))
    for item in (blue, family, RED):
        put(store, item, "label")
    with store.read() as tx:
        assert [mark.item for mark in open_marks(tx)] == [blue, family, RED]
        assert [mark.item for mark in open_marks(tx, [CatalogKind.OPTION])] == [blue, RED]
        assert [mark.item for mark in open_marks(tx, limit=1)] == [blue]


def test_a_deleted_product_leaves_a_mark_for_those_associated_with_it(store: Store) -> None:
    target = Reference(CatalogKind.PRODUCT, "", KEYS[1])
    write(store, user(0, 1, 0, target), user(1, 1, 0))
    store.draw_number()
    write(store, absent(1, 2, 3))
    mark = first_mark(store)
    assert mark is not None
    assert (mark.item, mark.removed, behind(store, mark)) == (target, True, [KEYS[0]])


def test_a_mark_that_moved_meanwhile_is_not_closed(store: Store) -> None:
    write(store, user(0, 1, 0, RED))
    put(store, RED, "Red")
    old = first_mark(store)
    assert old is not None
    assert render(store, KEYS[0], old.version, RED)
    put(store, RED, "Rouge")
    assert not finish(store, old)
    new = first_mark(store)
    assert new is not None
    assert behind(store, new) == [KEYS[0]]


def test_a_document_from_before_the_change_opens_the_closed_mark_again(store: Store) -> None:
    write(store, user(0, 1, 0, RED))
    put(store, RED, "Red")
    mark = first_mark(store)
    assert mark is not None
    assert render(store, KEYS[0], mark.version, RED)
    assert finish(store, mark)
    write(store, user(1, 1, mark.version - 1, RED), user(2, 1, mark.version, RED))
    again = first_mark(store)
    assert again == mark
    assert behind(store, mark) == [KEYS[1]]


def test_a_read_from_before_a_removal_opens_the_closed_mark_again(store: Store) -> None:
    put(store, RED, "Red")
    write(store, user(0, 1, 1, RED))
    before = store.draw_number()
    put(store, RED, None)
    mark = first_mark(store)
    assert mark is not None
    write(store, absent(0, 2, 3))
    assert finish(store, mark)
    write(store, user(1, before, mark.version, RED))
    assert first_mark(store) == mark


def test_the_version_of_an_empty_catalog_is_zero(store: Store) -> None:
    with store.read() as tx:
        assert read_version(tx) == 0
        assert load_snapshot(tx, []) == CatalogSnapshot(0, {})


def test_what_lost_its_parent_is_listed_until_it_is_taken_out(store: Store) -> None:
    colour = Reference(CatalogKind.ATTRIBUTE, "", "COLOUR")
    blue = Reference(CatalogKind.OPTION, "size", "blue")

    def abandoned() -> list[Reference]:
        with store.read() as tx:
            return list_abandoned(tx, CatalogKind.OPTION)

    for item in (colour, RED, blue):
        put(store, item, "label")
    assert abandoned() == []
    put(store, colour, None)
    assert abandoned() == [RED]  # nobody has said of the other's parent that it is gone
    put(store, RED, None)
    assert abandoned() == []


def test_items_of_a_list_are_counted_without_the_removed_ones(store: Store) -> None:
    for code in ("a", "b", "c"):
        put(store, Reference(CatalogKind.OPTION, "Colour", code), "label")
    put(store, Reference(CatalogKind.OPTION, "colour", "A"), None)
    with store.read() as tx:
        assert count_items(tx, CatalogKind.OPTION, "colour") == 2
        assert count_items(tx, CatalogKind.OPTION, "size") == 0


def test_a_hash_of_an_older_definition_is_no_change_of_an_item(store: Store) -> None:
    put(store, RED, "Red")
    row = table_of(CatalogItemRow)
    with store.transaction() as tx:
        tx.execute(update(row).values(content_hash="of before"))
    assert put(store, RED, "Red").touched == 0
    with store.read() as tx:
        assert tx.execute(select(row.c.content_hash)).scalar_one() != "of before"
    assert put(store, RED, "Crimson").touched == 1
