"""What an operator does with dead letters."""

from pim.ids import EventId
from pim.vocabulary import Outcome
from storage import Store
from storage.inbox.due_events import take_chunk
from storage.inbox.listed_events import discard_events, list_events, replay_events
from storage.inbox.settling import Settlement
from tests.store_builders import at, deliver, make_event, make_invalid, open_drain, settle_as_drain


def _bury(store: Store, *names: str) -> None:
    """Deliver events and settle them as dead letters."""
    deliver(store, *(make_event(1, event_id=name) for name in names))
    with store.transaction() as tx:
        letters = [
            Settlement(event.row_id, Outcome.DEAD, "gave up")
            for event in list_events(tx, state="due")
        ]
        settle_as_drain(tx, letters)


def _states(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return {event.event_id: event.state for event in list_events(tx)}


def test_events_are_listed_by_state_newest_first(store: Store) -> None:
    _bury(store, "d1", "d2")
    deliver(store, make_event(2, event_id="fresh"))
    with store.read() as tx:
        assert [e.event_id for e in list_events(tx)] == ["fresh", "d2", "d1"]
        assert [e.event_id for e in list_events(tx, state=Outcome.DEAD)] == ["d2", "d1"]
        assert [e.event_id for e in list_events(tx, state="due")] == ["fresh"]
        assert [e.event_id for e in list_events(tx, limit=1)] == ["fresh"]
        assert list_events(tx, state="waiting") == []


def test_replayed_letters_are_due_as_if_new(store: Store) -> None:
    _bury(store, "d1", "d2")
    with store.transaction() as tx:
        assert replay_events(tx, event_ids=[EventId("d1"), EventId("unknown")]) == 1
    assert _states(store) == {"d1": "due", "d2": "dead"}
    with store.transaction() as tx:
        assert replay_events(tx) == 1
    generation = open_drain(store)
    with store.transaction() as tx:
        chunk = take_chunk(tx, generation=generation, max_attempts=1)
    assert [event.attempts for event in chunk.events] == [1, 1]


def test_what_names_no_product_cannot_be_replayed(store: Store) -> None:
    deliver(store, make_invalid("bad"))
    with store.transaction() as tx:
        assert replay_events(tx) == 0
    assert _states(store) == {"bad": "dead"}


def test_discarded_letters_keep_note_and_reason(store: Store) -> None:
    _bury(store, "d1", "d2")
    deliver(store, make_event(3, event_id="fresh"))
    with store.transaction() as tx:
        assert discard_events(tx, note="known defect", now=at(60), event_ids=[EventId("d1")]) == 1
    assert _states(store) == {"d1": "filtered", "d2": "dead", "fresh": "due"}
    with store.read() as tx:
        (discarded,) = list_events(tx, state=Outcome.FILTERED)
    assert discarded.reason == "discarded: known defect (was: gave up)"
    assert discarded.settled_at == at(60)
    with store.transaction() as tx:
        assert discard_events(tx, note="all", now=at(61)) == 1
    assert _states(store) == {"d1": "filtered", "d2": "filtered", "fresh": "due"}
