"""Deletions that the inbox tells of, and those that nobody told of, side by side."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from flows.run.session import Session
from flows.sweeps.look_again import look_again_at_held
from flows.sweeps.report import ReconcileReport
from flows.sweeps.sweep import Sweep
from flows.write_path.products import write_reads
from pim.ids import ProductKey
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage import Store, open_store
from storage.products import ProductWrite, read_marks
from storage.products.holds import list_holds
from tests.hiding_source import KEYS, PRODUCTS, Hours, Source, session_of
from tests.store_builders import absent, body_of, deliver, live, make_event, write

pytestmark = pytest.mark.anyio

VARIANTS = range(40, 46)
REFERENCES = frozenset(
    Reference(CatalogKind.PRODUCT_MODEL, "", code) for code in ("lamp-small", "lamp")
)


@pytest.fixture
def filled(sqlite_url: str) -> Iterator[Store]:
    """A store of sixty products, some of them variants below two models."""
    with closing(open_store(sqlite_url)) as store:
        for start in range(0, PRODUCTS, 20):
            numbers = [store.draw_number() for _ in range(20)]
            write(store, *(_stored(start + at, n) for at, n in enumerate(numbers)))
        yield store


def _stored(product: int, number: int) -> ProductWrite:
    if product in VARIANTS:
        body = body_of(product, parent="lamp-small")
        return live(body, number, number, references=REFERENCES)
    return live(body_of(product), number, number)


@pytest.fixture
def source(filled: Store) -> Source:
    return Source(filled)


@pytest.fixture
def session(filled: Store, source: Source) -> Session:
    return session_of(filled, source, Hours())


async def sight(session: Session, *products: int) -> None:
    """A drain finds these absent, by events that announce no removal."""
    numbers = {product: session.store.draw_number() for product in products}
    await write_reads(session, [absent(product, n, n) for product, n in numbers.items()])


async def look_again(session: Session) -> list[str]:
    """What the next delta does with the held deletions, and says."""
    report = ReconcileReport("delta", dry_run=False)
    await look_again_at_held(Sweep(session, report))
    return report.notes


def removed(store: Store, *products: int) -> None:
    deliver(store, *(make_event(product, action="product.removed") for product in products))


def held(store: Store) -> set[int]:
    with store.read() as tx:
        return {KEYS[hold.key] for hold in list_holds(tx)}


def deleted(store: Store) -> set[int]:
    with store.read() as tx:
        marks = read_marks(tx, [ProductKey(key) for key in KEYS])
    return {KEYS[key] for key, mark in marks.items() if mark.deleted}


async def test_neighbours_whose_removal_is_due_say_nothing_about_rights(
    filled: Store, source: Source, session: Session
) -> None:
    source.hidden = {5, 6, 7, 8, 9, 10}
    removed(filled, 6, 7, 8, 9, 10)  # in chunks that come later
    await sight(session, 5)
    assert (deleted(filled), held(filled)) == ({5}, set())


async def test_variants_whose_model_is_told_as_removed_say_nothing_about_rights(
    filled: Store, source: Source, session: Session
) -> None:
    source.hidden = {39, *VARIANTS}
    deliver(filled, make_event(model="LAMP", action="product_model.removed"))
    await sight(session, 39)
    assert (deleted(filled), held(filled)) == ({39}, set())


async def test_a_removal_announces_in_whichever_chunk_it_lies(
    filled: Store, source: Source, session: Session
) -> None:
    source.hidden = set(range(30))  # many more than an hour allows
    removed(filled, *range(28))
    deliver(filled, make_event(model="lamp-small", action="product_model.removed"))
    source.hidden |= set(VARIANTS)
    await sight(session, 3, 4, *VARIANTS)
    assert (deleted(filled), held(filled)) == ({3, 4, *VARIANTS}, set())
    await sight(session, 28)  # 29 is missing, too, and nobody said so
    assert held(filled) == {28}


async def test_a_removal_told_before_the_product_was_read_alive_announces_nothing(
    filled: Store, source: Source, session: Session
) -> None:
    removed(filled, 5)
    write(filled, live(body_of(5, colour="red"), *[filled.draw_number()] * 2))  # made again
    source.hidden = {5, 6}
    await sight(session, 5)
    assert (deleted(filled), held(filled)) == (set(), {5})


async def test_announced_neighbours_are_made_up_for_by_others(
    filled: Store, source: Source, session: Session
) -> None:
    source.hidden = {5, *range(6, 36), 59}
    removed(filled, *range(6, 36))
    await sight(session, 5)
    assert held(filled) == {5}  # for the last of all
    assert not set(source.asked) & set(range(6, 36))  # what they are says nothing either way


async def test_a_delta_releases_a_hold_whose_neighbours_turn_out_to_be_deleted(
    filled: Store, source: Source, session: Session
) -> None:
    source.hidden = {5, 6, 7}
    await sight(session, 5)
    assert held(filled) == {5}
    assert not await look_again(session)  # nothing is known that was not known before
    assert held(filled) == {5}
    removed(filled, 6, 7)  # their events were under way
    (note,) = await look_again(session)
    assert "1 held deletions were carried out" in note
    assert (deleted(filled), held(filled)) == ({5}, set())


async def test_a_delta_releases_a_hold_that_turned_out_announced(
    filled: Store, source: Source, session: Session
) -> None:
    source.hidden = set(range(30))
    await sight(session, *range(30))
    assert held(filled) == set(range(30))
    removed(filled, 3)
    await look_again(session)
    assert deleted(filled) == {3}
    assert held(filled) == set(range(30)) - {3}


async def test_what_is_left_of_lost_rights_that_came_back_for_most_waits_for_a_person(
    filled: Store, source: Source, session: Session
) -> None:
    source.hidden = set(range(30))
    await sight(session, *range(30))
    source.hidden = {0, 1, 2}
    notes = await look_again(session)
    assert len(notes) == 1
    assert "27 held deletions were withdrawn" in notes[0]
    source.asked.clear()
    assert not await look_again(session)
    assert (deleted(filled), held(filled)) == (set(), {0, 1, 2})
    assert not source.asked


async def test_lost_rights_stay_held_however_often_a_delta_looks(
    filled: Store, source: Source, session: Session
) -> None:
    source.hidden = set(range(0, PRODUCTS, 3))
    await sight(session, 0, 3, 6)
    for _ in range(3):
        assert not await look_again(session)
    assert (deleted(filled), held(filled)) == (set(), {0, 3, 6})
