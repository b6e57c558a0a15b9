"""Products are found by identifier, parent and date, and hold what the source wrote."""

from pim.canonical import load_json
from pim.ids import ProductKey
from pim.json_types import as_object
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage import Store
from storage.products import Written, find_descendants, find_keys, read_products
from storage.products.export import export_products
from storage.products.reading import DatedProduct, list_dated_products
from tests.store_builders import absent, at, body_of, live, uuid_of, write

KEY = ProductKey(uuid_of(1))


def test_numbers_and_odd_strings_stay_as_the_source_wrote_them(store: Store) -> None:
    odd = '{"zz":1.50,"a":1e2,"big":12345678901234567890,"small":-0,"text":"a\\u0000b \\ud800 é"}'
    body = body_of(1) | {"metadata": as_object(load_json(odd))}
    write(store, live(body, 1, 2))
    with store.read() as tx:
        (stored,) = export_products(tx)
    assert stored.source is not None
    for part in ('"zz":1.50', '"a":1e2', '"big":12345678901234567890', '"small":-0', "\\u0000"):
        assert part in stored.source
    assert stored.source.index('"zz"') < stored.source.index('"a"')
    (again,) = write(store, live(body, 3, 4))
    assert again.written is Written.UNCHANGED
    assert stored.source in stored.line()


def test_identifiers_are_found_whatever_their_case_and_may_be_swapped(store: Store) -> None:
    write(
        store,
        live(body_of(1, identifier="STRASSE"), 1, 2),
        live(body_of(2, identifier="b"), 1, 2),
    )
    write(
        store,
        live(body_of(1, identifier="B"), 3, 4),
        live(body_of(2, identifier="Straße"), 3, 4),
    )
    with store.read() as tx:
        found = find_keys(tx, ["strasse", "B", "none"])
    assert found == {"strasse": (uuid_of(2),), "B": (uuid_of(1),)}


def test_a_live_holder_of_an_identifier_comes_before_a_tombstone(store: Store) -> None:
    write(store, live(body_of(1, identifier="a"), 1, 2), live(body_of(2, identifier="a"), 1, 2))
    write(store, absent(1, 3, 4))
    with store.read() as tx:
        assert find_keys(tx, ["A"]) == {"A": (uuid_of(2), uuid_of(1))}


def test_who_is_stored(store: Store) -> None:
    write(store, live(body_of(1, identifier="a", parent="Arc"), 1, 2), live(body_of(2), 1, 2))
    write(store, absent(2, 3, 4))
    with store.read() as tx:
        assert find_descendants(tx, "ARC") == [uuid_of(1)]
        known = read_products(tx, [KEY, ProductKey(uuid_of(2)), ProductKey("x")])
        assert {key: product.deleted for key, product in known.items()} == {
            uuid_of(1): False,
            uuid_of(2): True,
        }
        assert known[KEY].family == "lamps"


def test_the_descendants_of_a_model_are_found_through_sub_models(store: Store) -> None:
    root, sub = (Reference(CatalogKind.PRODUCT_MODEL, "", code) for code in ("Root", "Sub"))
    body = body_of(0, parent="Sub")
    write(store, live(body, 1, 2, references=frozenset({root, sub})))
    write(store, live(body_of(1, parent="Root"), 1, 2, references=frozenset()))
    with store.read() as tx:
        assert find_descendants(tx, "ROOT") == [uuid_of(0), uuid_of(1)]
        assert find_descendants(tx, "sub") == [uuid_of(0)]
    write(store, absent(0, 3, 4))
    with store.read() as tx:
        assert find_descendants(tx, "root") == [uuid_of(1)]


def test_probes_are_the_newest_live_products_before_an_instant(store: Store) -> None:
    write(
        store,
        *(live(body_of(n, updated=at(n)), 1, 2) for n in range(4)),
        live(body_of(8, updated=at(1.5), parent="arc", identifier="lamp"), 1, 2),
        absent(9, 1, 2),
    )
    with store.read() as tx:
        dated = list_dated_products(tx, before=at(3), limit=3)
    assert dated == [
        DatedProduct(ProductKey(uuid_of(2)), None, at(2), simple=True),
        DatedProduct(ProductKey(uuid_of(8)), "lamp", at(1.5), simple=False),
        DatedProduct(ProductKey(uuid_of(1)), None, at(1), simple=True),
    ]
