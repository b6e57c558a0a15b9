"""References: who uses which name is what was written last: blocks, tombstones, races."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select
from sqlalchemy.dialects import sqlite

from pim.ids import ProductKey
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage import Store
from storage.references import is_among, list_referred_names, users_of
from storage.tables import BLOCK, NumberSet, Product, ReferencePlace, ReferenceUser, table_of
from storage.tables.columns import pack_numbers
from tests.store_builders import absent, body_of, live, uuid_of, write

COLOURS = [Reference(CatalogKind.OPTION, "Colour", f"c{n}") for n in range(12)]
ODD = Reference(CatalogKind.PRODUCT, "", "A thing, 'named' {oddly} %s ?")
MODEL = Reference(CatalogKind.PRODUCT_MODEL, "", "Arc")

World = dict[int, frozenset[Reference]]


def put(store: Store, number: int, world: World) -> None:
    """Write products as a read of this number saw them; without references, they are gone."""
    for some in (list(world.items())[start : start + 100] for start in range(0, len(world), 100)):
        write(
            store,
            *(
                live(body_of(n, name=f"{number}"), number, number, references=references)
                if references
                else absent(n, number, number, announced=True)
                for n, references in some
            ),
        )


def users(store: Store, name: Reference) -> list[str]:
    key = (str(name.kind), name.parent.casefold(), name.code.casefold())
    with store.read() as tx:
        return sorted(tx.execute(users_of(*key)).scalars())


def expected(world: World, name: Reference) -> list[str]:
    return sorted(uuid_of(n) for n, references in world.items() if name in references)


@pytest.mark.parametrize("seed", range(3))
def test_users_are_those_of_the_last_writes_in_every_block(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    names = [*COLOURS, ODD, MODEL]
    world: World = {n: frozenset(chance.sample(names, 3)) for n in range(BLOCK + 70)}
    put(store, 1, world)
    for number in (2, 3):
        some = chance.sample(sorted(world), 60)
        changed = {n: frozenset(chance.sample(names, chance.randrange(4))) for n in some}
        put(store, number, changed)
        world |= changed
    assert {name: users(store, name) for name in names} == {
        name: expected(world, name) for name in names
    }
    with store.read() as tx:
        keys = [ProductKey(uuid_of(n)) for n in world]
        below = list_referred_names(tx, keys, CatalogKind.PRODUCT_MODEL)
    assert sorted(key for key, _ in below) == expected(world, MODEL)
    assert {code for _, code in below} == {"arc"}


@pytest.mark.parametrize("few", [0, 1000])
def test_few_users_and_many_are_listed_alike(store: Store, few: int) -> None:
    world = {n: frozenset(COLOURS[n % 3 : n % 3 + 2]) for n in range(BLOCK + 9)}
    put(store, 1, world)
    key = table_of(Product).c.key
    with store.read() as tx:
        listed = select(key).where(is_among(tx, key, ("option", "colour", "c2"), few=few))
        assert sorted(tx.execute(listed).scalars()) == expected(world, COLOURS[2])


def test_nothing_is_written_where_nothing_changed(store: Store) -> None:
    world = {n: frozenset(COLOURS[:5]) for n in range(20)}
    put(store, 1, world)
    written: list[str] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def note(*call: object) -> None:
        written.append(str(call[2]))

    put(store, 2, world)
    assert not [each for each in written if "reference" in each and not _only_reads(each)]
    put(store, 3, {n: frozenset(COLOURS[:6]) for n in range(20)})
    assert [each for each in written if each.startswith("INSERT INTO reference_user")]


def _only_reads(statement: str) -> bool:
    # Marks are opened again by who uses them: that is no writing of references.
    return statement.startswith(("SELECT", "WITH", "UPDATE catalog_mark"))


def test_what_nobody_uses_takes_no_row_and_who_comes_back_has_the_former_place(
    store: Store,
) -> None:
    world = {n: frozenset(COLOURS) for n in range(5)}
    put(store, 1, world)
    places = select(table_of(ReferencePlace)).order_by("product_key")
    with store.read() as tx:
        before = tx.execute(places).all()
    put(store, 2, dict.fromkeys(world, frozenset()))
    with store.read() as tx:
        assert tx.execute(select(table_of(ReferenceUser))).all() == []
        assert {row.names for row in tx.execute(places)} == {frozenset()}
    put(store, 3, world)
    with store.read() as tx:
        assert tx.execute(places).all() == before


def test_writers_side_by_side_lose_no_bit(store: Store) -> None:
    worlds = [{n + 10 * part: frozenset(COLOURS) for n in range(10)} for part in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda world: put(store, 1, world), worlds))
        fewer = [dict.fromkeys(world, frozenset(COLOURS[6:])) for world in worlds]
        list(threads.map(lambda world: put(store, 2, world), fewer))
    assert users(store, COLOURS[0]) == []
    assert users(store, COLOURS[6]) == sorted(uuid_of(n) for n in range(40))


@pytest.mark.parametrize(
    "numbers", [set(), {0}, {127}, {128}, {1, 2, 3, 300, 70_000}, set(range(500)), {2**31 - 1}]
)
def test_numbers_are_read_as_they_were_packed(numbers: set[int]) -> None:
    packed, dialect = pack_numbers(numbers), sqlite.dialect()
    assert NumberSet().process_result_value(packed, dialect) == frozenset(numbers)
    assert NumberSet().process_bind_param(frozenset(numbers), dialect) == packed
