"""The structure's changes reach every user, whatever runs beside."""

from contextlib import ExitStack, closing
from threading import Thread

import pytest

from pim.document import Document
from pim.fingerprint import fingerprint_item
from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.structure import CatalogItem, Reference
from pim.vocabulary import CatalogKind
from storage import Store, open_store
from storage.catalog import (
    CatalogSnapshot,
    ItemCode,
    Mark,
    finish_mark,
    list_codes,
    list_items,
    load_snapshot,
    open_marks,
    read_renderings,
    read_version,
    remove_items,
    users_behind,
    write_items,
    write_rendering,
)
from storage.export import export_products
from storage.products import ProductWrite, find_descendants, write_products
from tests.store_builders import CAUSE, NOW, absent, body_of, live, uuid_of, write

RED = Reference(CatalogKind.OPTION, "colour", "red")
KEYS = [ProductKey(uuid_of(n)) for n in range(5)]


def _item(reference: Reference, label: str) -> CatalogItem:
    body: JsonObject = {"code": reference.code, "labels": {"en_US": label}, "sort": 1.50}
    return CatalogItem(
        kind=reference.kind,
        parent=reference.parent,
        code=reference.code,
        body=body,
        content_hash=fingerprint_item(body),
        updated=None,
    )


def _put(store: Store, reference: Reference, label: str) -> list[ItemCode]:
    return store.run(lambda tx: write_items(tx, [_item(reference, label)]))


def _user(product: int, number: int, version: int, *references: Reference) -> ProductWrite:
    body = body_of(product, name=f"read {number}")
    return live(body, number, number, catalog_version=version, references=frozenset(references))


def _snapshot(store: Store, *references: Reference) -> CatalogSnapshot:
    with store.read() as tx:
        return load_snapshot(tx, references)


def _mark(store: Store) -> Mark | None:
    with store.read() as tx:
        return next(iter(open_marks(tx)), None)


def _behind(store: Store, mark: Mark) -> list[ProductKey]:
    with store.read() as tx:
        return users_behind(tx, mark)


def _finish(store: Store, mark: Mark) -> bool:
    return store.run(lambda tx: finish_mark(tx, mark))


def _render(store: Store, key: ProductKey, version: int, *references: Reference) -> bool:
    with store.read() as tx:
        (stored,) = read_renderings(tx, [key])
    document = Document({"rendered": version}, frozenset(references))
    return store.run(
        lambda tx: write_rendering(tx, stored, document=document, catalog_version=version)
    )


def test_items_are_found_casefolded_and_kept_as_written(store: Store) -> None:
    _put(store, Reference(CatalogKind.OPTION, "Colour", "Straße"), "Street")
    snapshot = _snapshot(store, Reference(CatalogKind.OPTION, "COLOUR", "STRASSE"), RED)
    found = snapshot.get(CatalogKind.OPTION, "colour", "strasse")
    assert found is not None
    assert found["code"] == "Straße"
    assert snapshot.missing([RED, Reference(CatalogKind.OPTION, "colour", "STRASSE")]) == {RED}
    with store.read() as tx:
        assert list_codes(tx, CatalogKind.OPTION) == {"Straße"}
        assert list_codes(tx, CatalogKind.OPTION, "size") == set()
        assert list(list_items(tx, CatalogKind.OPTION, "colour")) == ["Straße"]


def test_only_a_change_raises_the_version(store: Store) -> None:
    assert _put(store, RED, "Red") == [RED]
    version = _snapshot(store).version
    assert _put(store, RED, "Red") == []
    assert _snapshot(store).version == version
    assert _put(store, RED, "Rouge") == [RED]
    assert _snapshot(store).version == version + 1


def test_an_item_without_users_needs_nobody(store: Store) -> None:
    _put(store, RED, "Red")
    assert _mark(store) is None


def test_users_of_a_changed_item_are_behind_until_they_are_rendered(store: Store) -> None:
    _put(store, RED, "Red")
    write(store, *(_user(n, 1, 1, RED) for n in range(3)), _user(3, 1, 1))
    _put(store, RED, "Rouge")
    mark = _mark(store)
    assert mark is not None
    assert (mark.item, mark.removed) == (RED, False)
    assert _behind(store, mark) == KEYS[:3]
    assert not _finish(store, mark)
    with store.read() as tx:
        assert users_behind(tx, mark, after=KEYS[0], limit=1) == [KEYS[1]]
    for key in KEYS[:3]:
        assert _render(store, key, mark.version, RED)
    assert _behind(store, mark) == []
    assert _finish(store, mark)
    assert _mark(store) is None
    with store.read() as tx:
        documents = [each.document for each in export_products(tx)]
    assert documents[:3] == [f'{{"rendered":{mark.version}}}'] * 3


def test_a_rendering_is_dropped_where_content_or_version_moved(store: Store) -> None:
    write(store, _user(0, 1, 1, RED))
    with store.read() as tx:
        (stale,) = read_renderings(tx, [KEYS[0]])
    write(store, _user(0, 3, 1, RED))
    document = Document({"stale": True}, frozenset())
    with store.transaction() as tx:
        assert not write_rendering(tx, stale, document=document, catalog_version=9)
    assert _render(store, KEYS[0], 5, RED)
    assert not _render(store, KEYS[0], 4, RED)
    write(store, absent(0, 5, 6))
    with store.read() as tx:
        assert read_renderings(tx, KEYS) == []


def test_users_of_a_removed_item_are_to_be_read_again(store: Store) -> None:
    _put(store, RED, "Red")
    write(store, _user(0, 1, 1, RED), _user(1, 1, 1))
    unknown = Reference(CatalogKind.OPTION, "colour", "unknown")
    with store.transaction() as tx:
        assert remove_items(tx, [RED, unknown]) == [RED]
    mark = _mark(store)
    assert mark is not None
    assert mark.removed
    assert _behind(store, mark) == [KEYS[0]]
    assert _render(store, KEYS[0], mark.version, RED)
    assert _behind(store, mark) == [KEYS[0]]  # rendering is no reading
    number = store.draw_number()
    write(store, _user(0, number, mark.version))
    assert _finish(store, mark)
    assert _snapshot(store, RED).missing([RED]) == {RED}


def test_a_mark_that_moved_meanwhile_is_not_closed(store: Store) -> None:
    write(store, _user(0, 1, 0, RED))
    _put(store, RED, "Red")
    old = _mark(store)
    assert old is not None
    assert _render(store, KEYS[0], old.version, RED)
    _put(store, RED, "Rouge")
    assert not _finish(store, old)
    new = _mark(store)
    assert new is not None
    assert _behind(store, new) == [KEYS[0]]


def test_a_document_from_before_the_change_opens_the_closed_mark_again(store: Store) -> None:
    write(store, _user(0, 1, 0, RED))
    _put(store, RED, "Red")
    mark = _mark(store)
    assert mark is not None
    assert _render(store, KEYS[0], mark.version, RED)
    assert _finish(store, mark)
    write(store, _user(1, 1, mark.version - 1, RED), _user(2, 1, mark.version, RED))
    again = _mark(store)
    assert again == mark
    assert _behind(store, mark) == [KEYS[1]]


def test_a_read_from_before_a_removal_opens_the_closed_mark_again(store: Store) -> None:
    _put(store, RED, "Red")
    write(store, _user(0, 1, 1, RED))
    before = store.draw_number()
    store.run(lambda tx: remove_items(tx, [RED]))
    mark = _mark(store)
    assert mark is not None
    write(store, absent(0, 2, 3))
    assert _finish(store, mark)
    write(store, _user(1, before, mark.version, RED))
    assert _mark(store) == mark


@pytest.mark.parametrize("finisher_first", [True, False])
def test_writer_and_finisher_side_by_side_never_leave_a_user_behind(
    postgres_url: str, *, finisher_first: bool
) -> None:
    """A writer with an old document, and the closer of the mark, both uncommitted at once."""
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(postgres_url)))
        write(store, _user(0, 1, 0, RED))
        _put(store, RED, "Red")
        mark = _mark(store)
        assert mark is not None
        assert _render(store, KEYS[0], mark.version, RED)
        writer = Thread(target=lambda: write(store, _user(1, 1, 0, RED)))
        finisher = Thread(target=lambda: _finish(store, mark))
        with store.transaction() as tx:
            if finisher_first:
                finish_mark(tx, mark)
                writer.start()
                writer.join(0.3)  # waits for the closer, so it sees the closed mark
                assert writer.is_alive()
            else:
                write_products(tx, [_user(1, 1, 0, RED)], cause=CAUSE, now=NOW)
                finisher.start()
                finisher.join(0.3)  # waits for the writer, so it sees the user behind
                assert finisher.is_alive()
        (writer if finisher_first else finisher).join()
        assert _mark(store) == mark
        assert _behind(store, mark) == [KEYS[1]]


def test_the_descendants_of_a_model_are_found_through_sub_models(store: Store) -> None:
    root, sub = (Reference(CatalogKind.PRODUCT_MODEL, "", code) for code in ("Root", "Sub"))
    body = body_of(0, parent="Sub")
    write(store, live(body, 1, 2, references=frozenset({root, sub})))
    write(store, live(body_of(1, parent="Root"), 1, 2, references=frozenset()))
    with store.read() as tx:
        assert find_descendants(tx, "ROOT") == KEYS[:2]
        assert find_descendants(tx, "sub") == KEYS[:1]
    write(store, absent(0, 3, 4))
    with store.read() as tx:
        assert find_descendants(tx, "root") == [KEYS[1]]


def test_the_version_of_an_empty_catalog_is_zero(store: Store) -> None:
    with store.read() as tx:
        assert read_version(tx) == 0
        assert load_snapshot(tx, []) == CatalogSnapshot(0, {})
