"""Who is read again because of what its associations pointed to."""

from pim.ids import OrderNumber, ProductKey
from pim.product import parse_product
from pim.reads import ProductRead
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Identity
from storage import Store
from storage.catalog.marks import mark_removed
from storage.products import ProductWrite
from tests.integration.storage.catalog_scene import KEYS, behind, finish, first_mark, user
from tests.store_builders import absent, body_of, interval, live, write

TARGET = Reference(CatalogKind.PRODUCT, "", KEYS[1])
MODEL = Reference(CatalogKind.ASSOCIATED_MODEL, "", "Lamp-Arc")


def told(store: Store, *items: Reference) -> int:
    """Be told now that these were removed; answers the number of that."""
    number = store.draw_number()
    store.run(lambda tx: mark_removed(tx, items, told=number))
    return number


def test_a_removal_is_marked_for_who_pointed_to_it_and_was_not_read_since(store: Store) -> None:
    for item in (TARGET, MODEL):
        before, after = store.draw_number(), store.draw_number() + 1
        number = told(store, item)
        assert number == after
        write(store, user(2, before, 0, item), user(3, number + 1, 0, item))
        mark = first_mark(store)
        assert mark is not None
        assert behind(store, mark) == [KEYS[2]]
        write(store, user(2, store.draw_number(), 0))
        assert finish(store, mark)


def test_what_nobody_points_to_leaves_nothing_to_do(store: Store) -> None:
    write(store, user(0, 1, 0))
    told(store, TARGET)
    assert first_mark(store) is None


def test_a_removal_told_of_late_does_not_take_back_a_later_one(store: Store) -> None:
    first = store.draw_number()
    write(store, user(0, store.draw_number(), 0, TARGET))
    later = told(store, TARGET)
    store.run(lambda tx: mark_removed(tx, [TARGET], told=first))
    mark = first_mark(store)
    assert mark is not None
    assert mark.number == later
    assert behind(store, mark) == [KEYS[0]]


def test_who_works_off_a_mark_does_not_close_one_left_meanwhile(store: Store) -> None:
    """A deletion raises no version of the catalog: it is told from the one before by its number."""
    write(store, user(0, store.draw_number(), 0, TARGET))
    told(store, TARGET)
    old = first_mark(store)
    assert old is not None
    write(store, user(0, store.draw_number(), 0, TARGET))  # it points to one made again
    told(store, TARGET)
    assert not finish(store, old)
    new = first_mark(store)
    assert new is not None
    assert behind(store, new) == [KEYS[0]]


def test_a_deleted_product_is_marked_under_its_identifier_too(store: Store) -> None:
    named = Reference(CatalogKind.PRODUCT, "", "SKU-1")
    target = live(body_of(1, identifier="sku-1"), 1, 1)
    write(store, target, user(0, 1, 0, named))
    store.draw_number()
    write(store, absent(1, 2, 3))
    mark = first_mark(store)
    assert mark is not None
    assert (mark.item.code, behind(store, mark)) == ("sku-1", [KEYS[0]])


def test_a_product_spelled_anew_is_marked_where_others_name_it_by_identifier(store: Store) -> None:
    """Before version 7: from ABC to abc is the same key, and another answer of those around it."""
    write(store, legacy("ABC", 1), user(0, 1, 0, Reference(CatalogKind.PRODUCT, "", "ABC")))
    assert first_mark(store) is None
    store.draw_number()
    write(store, legacy("abc", 2))
    mark = first_mark(store)
    assert mark is not None
    assert behind(store, mark) == [KEYS[0]]


def legacy(identifier: str, number: int) -> ProductWrite:
    """Write a product as a PIM before version 7 shows it."""
    body = {**body_of(9, identifier=identifier), "uuid": None}
    product = parse_product(body, identity=Identity.IDENTIFIER, main_identifier="sku")
    key = ProductKey(identifier.casefold())
    read = ProductRead(key, interval(OrderNumber(number), OrderNumber(number)), product)
    document = live(body_of(9), number, number).document
    return ProductWrite(read, document)
