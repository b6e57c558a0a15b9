"""Who stands at the other end of a two-way association is read, unless it knows already."""

import pytest

from pim.json_types import JsonObject, JsonValue
from pim.reads import ItemRead
from pim.structure import Reference, parse_item
from pim.vocabulary import CatalogKind
from storage import Store
from storage.catalog import write_items
from storage.products import ProductWrite
from tests.integration.storage.catalog_scene import behind, finish, first_mark
from tests.store_builders import body_of, interval, live, uuid_of, write

PAIR = Reference(CatalogKind.ASSOCIATION_TYPE, "", "PAIR")


def know_type(store: Store, *, is_two_way: JsonValue = True) -> None:
    number = store.draw_number()
    body: JsonObject = {"code": "PAIR", "is_two_way": is_two_way}
    item = parse_item(PAIR.kind, "", body)
    store.run(lambda tx: write_items(tx, [ItemRead(PAIR, interval(number, number), item)]))


def linked(store: Store, product: int, *targets: int, parent: str | None = None) -> ProductWrite:
    """Product and targets, as read just now."""
    body = body_of(product, parent=parent)
    body["associations"] = {"PAIR": {"products": [uuid_of(target) for target in targets]}}
    number = store.draw_number()
    return live(body, number, number)


def open_ends(store: Store) -> list[str]:
    mark = first_mark(store)
    return [] if mark is None else [*behind(store, mark)]


def test_who_was_given_up_is_read_and_then_nobody_else(store: Store) -> None:
    know_type(store)
    write(store, linked(store, 1, 2), linked(store, 2, 1), linked(store, 3))
    (result,) = write(store, linked(store, 1))
    assert result.has_partners
    mark = first_mark(store)
    assert mark is not None
    assert open_ends(store) == [uuid_of(2)]
    assert not finish(store, mark)
    (other,) = write(store, linked(store, 2))
    assert not other.has_partners  # the first knows already: no one is read in turn
    assert finish(store, mark)
    assert first_mark(store) is None


def test_who_was_taken_up_is_read(store: Store) -> None:
    know_type(store)
    write(store, linked(store, 1), linked(store, 2))
    write(store, linked(store, 1, 2))
    assert open_ends(store) == [uuid_of(2)]


def test_ends_that_know_and_ends_that_nobody_stored_are_not_read(store: Store) -> None:
    know_type(store)
    write(store, linked(store, 1, 2), linked(store, 2, 1), linked(store, 3, 1))
    results = write(store, linked(store, 1, 2, 3, 4))
    assert [each.has_partners for each in results] == [False]
    assert open_ends(store) == []


@pytest.mark.parametrize("is_two_way", [False, None, "no", [], {}])
def test_a_one_way_type_has_no_other_end(store: Store, is_two_way: JsonValue) -> None:
    know_type(store, is_two_way=is_two_way)
    write(store, linked(store, 1, 2), linked(store, 2, 1))
    write(store, linked(store, 1))
    assert open_ends(store) == []


def test_a_models_variants_stand_at_the_end_of_what_points_to_it(store: Store) -> None:
    know_type(store)
    write(store, linked(store, 1), linked(store, 2, parent="Arc"))
    body = body_of(1)
    body["associations"] = {"PAIR": {"product_models": ["arc"]}}
    number = store.draw_number()
    write(store, live(body, number, number))
    assert open_ends(store) == [uuid_of(2)]
    assert not write(store, linked(store, 2, 1, parent="Arc"))[0].has_partners
