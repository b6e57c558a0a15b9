"""Whom a drain reads again for what was removed: a hundred together, and nobody who waits."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from flows.run.session import Session
from flows.write_path import read_referrers, work_off_marks
from pim.errors import SourceServerError
from pim.ids import Generation, ProductKey
from pim.reading.discovery import SourceFacts
from pim.reads import Reads
from pim.structure import Reference
from pim.vocabulary import CallCause, CallKind, CatalogKind, Outcome
from storage import Store
from storage.catalog import Mark, leave_marks, open_marks
from storage.inbox import take_chunk
from storage.inbox.settling import Settlement, settle_events
from storage.products import DeletionToHold, ProductWrite, hold_deletions
from tests.hiding_source import FACTS, Hours, session_of
from tests.shop import Shop
from tests.store_builders import (
    CAUSE,
    NOW,
    RUN,
    absence_of,
    body_of,
    deliver,
    live,
    make_event,
    open_drain,
    read_of,
    uuid_of,
    write,
)

pytestmark = pytest.mark.anyio

USERS, GONE = range(130), range(900, 907)
NUMBERS = {ProductKey(uuid_of(number)): number for number in (*USERS, *GONE, *range(200, 400))}


@dataclass
class Client:
    """A PIM that shows all products but the hidden ones; `asked`: what each search was for."""

    store: Store
    hidden: set[int] = field(default_factory=set)
    failing: bool = False
    facts: SourceFacts = FACTS
    asked: list[list[int]] = field(default_factory=list)

    async def read_products(
        self, keys: Sequence[ProductKey], *, identifiers: Mapping[ProductKey, str]
    ) -> Reads:
        del identifiers
        if self.failing:
            raise SourceServerError("away", status=503)
        if keys:
            self.asked.append(sorted(NUMBERS[key] for key in keys))
        number = self.store.draw_number()
        return Reads(
            absence_of(each, number, number)
            if (each := NUMBERS[key]) in self.hidden
            else read_of(body_of(each), number, number)
            for key in keys
        )


@pytest.fixture
def client(store: Store) -> Client:
    """A PIM of a store in which each user's associations point to all that is going to be gone."""
    write(store, *(user_of(store, each) for each in USERS))
    return Client(store)


def user_of(store: Store, product: int, *, identifier: str | None = None) -> ProductWrite:
    number = store.draw_number()
    targets = frozenset(Reference(CatalogKind.PRODUCT, "", uuid_of(each)) for each in GONE)
    return live(body_of(product, identifier=identifier), number, number, references=targets)


@pytest.fixture
def session(store: Store, client: Client) -> Session:
    return session_of(store, client, Hours())  # type: ignore[arg-type]


@pytest.fixture
def drain(store: Store, client: Client) -> Generation:
    del client
    return open_drain(store)


def mark_gone(store: Store) -> None:
    """As deletions do that are written one after the other."""
    for each in GONE:
        with store.transaction() as tx:
            item = Reference(CatalogKind.PRODUCT, "", uuid_of(each))
            leave_marks(tx, [item], version=0, removed=True)


def read(client: Client) -> list[int]:
    return sorted(product for asked in client.asked for product in asked)


def marks(store: Store) -> list[Mark]:
    with store.read() as tx:
        return open_marks(tx)


async def test_users_of_many_removed_things_are_read_once_a_hundred_together(
    store: Store, client: Client, session: Session, drain: Generation
) -> None:
    mark_gone(store)
    await read_referrers(session, drain)
    assert client.asked == [[*range(100)], [*range(100, 130)]]
    assert marks(store) == []


async def test_the_last_of_them_wait_while_a_whole_chunk_is_due(
    store: Store, client: Client, session: Session, drain: Generation
) -> None:
    mark_gone(store)
    deliver(store, *(make_event(product) for product in range(200, 300)))
    await read_referrers(session, drain)
    await read_referrers(session, drain)
    assert client.asked == [[*range(100)]]
    assert len(marks(store)) == len(GONE)
    with store.transaction() as tx:
        take_chunk(tx, generation=drain, max_attempts=5)
    await read_referrers(session, drain)
    assert client.asked[1:] == [[*range(100, 130)]]
    assert marks(store) == []


async def test_whoever_is_told_of_itself_is_read_for_its_own_event_alone(
    store: Store, client: Client, session: Session, drain: Generation
) -> None:
    write(store, user_of(store, 8, identifier="lamp-8"))
    mark_gone(store)
    deliver(store, make_event(7), make_event(None, identifier="LAMP-8"))
    await read_referrers(session, drain)
    assert read(client) == [*range(7), *range(9, 130)]
    assert len(marks(store)) == len(GONE)  # they are not read yet

    with store.transaction() as tx:
        taken = take_chunk(tx, generation=drain, max_attempts=5).events
        settlements = [Settlement(event.row_id, Outcome.DEAD, "no luck") for event in taken]
        settle_events(tx, generation=drain, settlements=settlements, run_id=RUN, now=NOW)
    client.asked.clear()
    await read_referrers(session, drain)
    assert client.asked == [[7, 8]]  # nothing else will have them read any more
    assert marks(store) == []


async def test_whose_deletion_is_held_is_left_to_a_sweep_or_a_person(
    store: Store, client: Client, session: Session, drain: Generation
) -> None:
    with store.transaction() as tx:
        hold_deletions(tx, [DeletionToHold(ProductKey(uuid_of(5)))], cause=CAUSE, now=NOW)
    client.hidden = {5}
    for _ in range(3):
        mark_gone(store)
        await read_referrers(session, drain)
    assert 5 not in read(client)
    assert len(marks(store)) == len(GONE)

    client.asked.clear()
    await work_off_marks(session)
    assert client.asked[0] == [5]
    assert marks(store) == []


async def test_marks_outlive_a_source_that_fails_midway(
    store: Store, client: Client, session: Session, drain: Generation
) -> None:
    mark_gone(store)
    client.failing = True
    with suppress(SourceServerError):
        await read_referrers(session, drain)
    assert len(marks(store)) == len(GONE)
    client.failing = False
    await read_referrers(session, drain)
    assert read(client) == [*USERS]
    assert marks(store) == []


async def test_referrers_that_a_failing_source_left_are_read_by_the_next_drain(
    shop: Shop,
) -> None:
    await shop.reconcile()
    with shop.store.transaction() as tx:
        items = [Reference(CatalogKind.PARTNER, "", key) for key in sorted(shop.truth())[:3]]
        leave_marks(tx, items, version=0, removed=True)
    report = await shop.drain()  # of an inbox in which nothing is due
    assert report.calls[CallCause.REFERRER, CallKind.PRODUCT_LIST] == 1
    assert marks(shop.store) == []
