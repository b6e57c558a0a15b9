"""A delivery is stored whole, once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import insert, select

from pim.event_platform import Notice
from pim.events import Batch, Event, InvalidEvent
from pim.ids import EventId
from pim.vocabulary import Channel, Outcome, ResourceKind, SubscriptionStatus
from storage import Store, open_store
from storage.inbox import Stored, is_due, store_batch, store_notice, store_rejected
from storage.inbox.due_events import take_chunk
from storage.inbox.listed_events import list_events
from storage.tables import InboxEvent, PlatformNotice, table_of
from tests.store_builders import NOW, at, deliver, make_event, make_invalid, open_drain, uuid_of

_EVENT = table_of(InboxEvent)


def _due(store: Store) -> int:
    with store.read() as tx:
        return tx.count_rows(is_due(tx))


def test_notices_are_stored_once_and_kept_for_a_month(store: Store) -> None:
    def notice(days: int, subscription: str = "s") -> Notice:
        at = NOW + timedelta(days=days)
        return Notice(
            "subscription.resumed", at, subscription, SubscriptionStatus.ACTIVE, None, None
        )

    stored = []
    for each in (notice(0), notice(0), notice(0, "another"), notice(29), notice(31)):
        with store.transaction() as tx:
            stored.append(store_notice(tx, each, received_at=each.at))
    assert stored == [True, False, True, True, True]
    with store.read() as tx:
        kept = tx.execute(select(table_of(PlatformNotice).c.told_at)).scalars().all()
    assert sorted(kept) == [NOW + timedelta(days=29), NOW + timedelta(days=31)]


def test_new_events_are_accepted_and_due(store: Store) -> None:
    assert deliver(store, make_event(1), make_event(2)) == Stored(2, 0, 0)
    assert _due(store) == 2


def test_an_id_seen_before_is_a_duplicate_and_the_first_is_kept(store: Store) -> None:
    deliver(store, make_event(1, event_id="same"))
    again = deliver(store, make_event(2, event_id="same"), make_event(3))
    assert again == Stored(1, 1, 0)
    with store.read() as tx:
        first = next(event for event in list_events(tx) if event.event_id == "same")
    assert first.resource_key == uuid_of(1)


def test_an_id_twice_in_one_batch_is_stored_once(store: Store) -> None:
    stored = deliver(store, make_event(1, event_id="same"), make_event(2, event_id="same"))
    assert stored == Stored(1, 1, 0)


def test_an_unusable_event_is_a_dead_letter_unless_it_is_a_duplicate(store: Store) -> None:
    deliver(store, make_event(1, event_id="known"))
    stored = deliver(store, make_event(2), make_invalid("bad", "no uuid"), make_invalid("known"))
    assert stored == Stored(1, 1, 1)
    with store.read() as tx:
        dead = list_events(tx, state=Outcome.DEAD)
    assert [(event.event_id, event.reason) for event in dead] == [("bad", "no uuid")]


def test_a_dead_letter_that_stands_for_many_counts_as_many(store: Store) -> None:
    many = InvalidEvent(EventId("rest"), None, "5 more", stands_for=5)
    assert deliver(store, make_event(1, event_id="known"), many) == Stored(1, 0, 5)
    assert deliver(store, make_event(1, event_id="known"), many) == Stored(0, 6, 0)
    with store.read() as tx:
        assert len(list_events(tx, state=Outcome.DEAD)) == 1


def test_an_empty_batch_is_stored(store: Store) -> None:
    assert deliver(store) == Stored(0, 0, 0)


def test_the_raw_body_of_a_refused_delivery_is_kept(store: Store) -> None:
    raw = b'\x00\xff{"events": nonsense'
    with store.transaction() as tx:
        store_rejected(tx, channel=Channel.EVENTS_API, raw=raw, reason="not JSON", received_at=NOW)
    assert _due(store) == 0


def test_the_batch_is_undone_with_its_transaction(store: Store) -> None:
    batch = Batch((make_event(1),), ())
    with pytest.raises(LookupError), store.transaction() as tx:  # noqa: PT012 - the block is the test
        store_batch(tx, channel=Channel.EVENTS_API, raw=b"", batch=batch, received_at=NOW)
        raise LookupError
    assert _due(store) == 0


def test_numbers_follow_the_delivery_whatever_the_ids(store: Store) -> None:
    before = store.draw_number()
    ids = ["c", "a", "b"]
    deliver(store, *(make_event(n, event_id=each) for n, each in enumerate(ids)))
    with store.read() as tx:
        events = list_events(tx)
    assert [event.event_id for event in events] == ["b", "a", "c"]  # newest first
    assert all(event.number > before for event in events)
    assert store.draw_number() > max(event.number for event in events)


def test_an_event_keeps_all_that_it_said(store: Store) -> None:
    event = make_event(7, identifier="Über-LAMP", updated=at(-5), event_id="x")
    deliver(store, event, received_at=at(3))
    generation = open_drain(store)
    with store.transaction() as tx:
        (taken,) = take_chunk(tx, generation=generation, max_attempts=5).events
    assert taken.uuid == uuid_of(7)
    assert taken.identifier == "Über-LAMP"
    assert taken.resource_updated == at(-5)
    assert taken.received_at == at(3)
    assert taken.kind is ResourceKind.PRODUCT
    assert not taken.removed
    assert taken.attempts == 1


def test_what_an_event_is_about_is_compared_casefolded(store: Store) -> None:
    deliver(
        store,
        make_event(None, identifier="STRASSE-1"),
        make_event(None, identifier="straße-1"),
        make_event(model="Lamp"),
        make_event(model="LAMP"),
    )
    with store.read() as tx:
        keys = {event.resource_key for event in list_events(tx)}
    assert keys == {"identifier:strasse-1", "model:lamp"}


def test_the_same_deliveries_at_once_store_each_event_once(store_url: str) -> None:
    events = [make_event(n, event_id=f"e{n}") for n in range(30)]
    random = Random(1)
    batches: list[list[Event]] = [random.sample(events, 10) for _ in range(24)]
    with closing(open_store(store_url)) as store, ThreadPoolExecutor(8) as threads:
        stored = list(threads.map(lambda batch: deliver(store, *batch), batches))
        different = {event.event_id for batch in batches for event in batch}
        assert sum(each.accepted for each in stored) == len(different) == _due(store)
        assert all(each.accepted + each.duplicates == 10 for each in stored)


def test_events_are_kept_as_their_columns_types_say(store: Store) -> None:
    """They are inserted past SQLAlchemy, which other writers and all readers go through."""
    deliver(store, make_event(1, event_id="ours", updated=at(0.25)), make_invalid("bad"))
    with store.transaction() as tx:
        for name in ("ours", "bad"):
            row = dict(tx.execute(select(_EVENT).where(_EVENT.c.event_id == name)).one()._mapping)
            tx.execute(insert(_EVENT), row | {"id": row["id"] + 1000, "event_id": f"{name} again"})
        rows = tx.connection.exec_driver_sql("SELECT * FROM inbox_event ORDER BY id").mappings()
        ours, bad, ours_again, bad_again = (dict(row) for row in rows)
    for kept, again in ((ours, ours_again), (bad, bad_again)):
        own = {"id", "event_id"}
        assert {k: (type(v), v) for k, v in kept.items() if k not in own} == {
            k: (type(v), v) for k, v in again.items() if k not in own
        }


def test_a_delivery_of_more_events_than_a_statement_holds_is_stored_whole(store: Store) -> None:
    events = [make_event(n, event_id=f"e-{n:05d}") for n in range(1203)]
    assert deliver(store, *events[:700]) == Stored(700, 0, 0)
    assert deliver(store, *events) == Stored(503, 700, 0)
