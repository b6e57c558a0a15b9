"""When deliveries came, and which changes were told of."""

from dataclasses import replace
from datetime import datetime

from pim.ids import ProductKey
from pim.vocabulary import Outcome
from storage import Store
from storage.inbox.deliveries import (
    SILENCE_ALARM,
    Delivery,
    SourceChange,
    end_silence,
    list_deliveries,
    list_told,
    read_last_delivery,
)
from storage.inbox.due_events import take_chunk
from storage.inbox.settling import Settlement, settle_events
from storage.state.alarms import list_alarms, raise_alarm
from tests.store_builders import NOW, RUN, at, deliver, make_event, open_drain, uuid_of


def told(store: Store, since: datetime, *, product: int = 1, identifier: str = "lamp") -> bool:
    """Whether an event of then or later was received about the product."""
    key = ProductKey(uuid_of(product))
    change = SourceChange(key, identifier, since)
    with store.read() as tx:
        return list_told(tx, [change], since={key: since}) == {key}


def test_deliveries_are_listed_with_the_last_one_before_the_span(store: Store) -> None:
    with store.read() as tx:
        assert list_deliveries(tx, since=at(0)) == []
        assert read_last_delivery(tx) is None
    early = replace(make_event(1), occurred_at=at(1))
    late = replace(make_event(2), occurred_at=at(5))
    deliver(store, make_event(3), received_at=at(0))
    deliver(store, make_event(4), received_at=at(10))
    deliver(store, late, early, received_at=at(20))
    deliver(store, received_at=at(30))
    with store.read() as tx:
        assert list_deliveries(tx, since=at(15)) == [
            Delivery(at(10), at(0)),
            Delivery(at(20), at(1)),
            Delivery(at(30), None),
        ]
        assert read_last_delivery(tx) == at(30)
        assert list_deliveries(tx, since=at(31)) == []


def test_a_change_is_told_of_by_an_event_of_then_or_later_due_or_settled(store: Store) -> None:
    deliver(store, make_event(1))
    assert told(store, at(0))
    assert not told(store, at(1))
    drain = open_drain(store)
    with store.transaction() as tx:
        chunk = take_chunk(tx, generation=drain, max_attempts=5)
        settled = [Settlement(event.row_id, Outcome.APPLIED) for event in chunk.events]
        settle_events(tx, generation=drain, settlements=settled, run_id=RUN, now=NOW)
    assert told(store, at(0))
    assert not told(store, at(0), product=2)


def test_an_event_that_names_the_product_by_its_identifier_tells_too(store: Store) -> None:
    deliver(store, make_event(None, identifier="LAMP"))
    assert told(store, at(0))
    assert not told(store, at(0), identifier="other")


def test_the_alarm_on_silence_ends_with_the_next_delivery(store: Store) -> None:
    deliver(store, make_event(1), received_at=at(0))
    with store.transaction() as tx:
        raise_alarm(tx, name=SILENCE_ALARM, text="silent", now=at(5))
        assert not end_silence(tx)
    deliver(store, make_event(2), received_at=at(6))
    with store.transaction() as tx:
        assert end_silence(tx)
        assert not list_alarms(tx)
