"""What operators see: status, why, export."""

import json

import pytest

from pim.vocabulary import Outcome
from storage import Store
from storage.inbox.listed_events import list_events
from storage.inbox.refusals import count_refusal
from storage.inbox.settling import Settlement
from storage.products.export import export_products
from storage.products.holds import DeletionToHold, hold_deletions
from storage.state.alarms import raise_alarm
from storage.views.history import History, read_history
from storage.views.status import Status, read_status
from tests.store_builders import (
    CAUSE,
    NOW,
    absent,
    at,
    body_of,
    deliver,
    live,
    make_event,
    make_invalid,
    open_drain,
    settle_as_drain,
    uuid_of,
    write,
)


def _status(store: Store, after: float = 0) -> Status:
    with store.read() as tx:
        return read_status(tx, now=at(after))


def _why(store: Store, key: str) -> list[History]:
    with store.read() as tx:
        return read_history(tx, key)


def _settle(store: Store, outcome: Outcome, *names: str, now: float = 0) -> None:
    with store.transaction() as tx:
        rows = [event for event in list_events(tx) if event.event_id in names]
        settlements = [Settlement(event.row_id, outcome, "because") for event in rows]
        settle_as_drain(tx, settlements, now=at(now))


def test_the_status_of_an_empty_store(store: Store) -> None:
    status = _status(store)
    assert (status.inbox.due, status.inbox.oldest_due_seconds) == (0, None)
    assert (status.products.live, status.products.tombstones) == (0, 0)
    assert not status.door.open
    assert (status.sweeps, status.alarms, status.refusals, status.outcomes) == ((), (), (), {})


def test_the_status_counts_everything(store: Store) -> None:
    names = ["due", "held", "applied", "older"]
    deliver(store, *(make_event(1, event_id=name) for name in names), make_invalid("dead"))
    write(store, live(body_of(1), 1, 2), live(body_of(2), 1, 2), absent(3, 1, 2))
    _settle(store, Outcome.APPLIED, "applied")
    _settle(store, Outcome.APPLIED, "older", now=-4000)
    with store.transaction() as tx:
        held = [event.row_id for event in list_events(tx) if event.event_id == "held"]
        hold = DeletionToHold(live(body_of(1), 1, 2).read.key, tuple(held))
        hold_deletions(tx, [hold], cause=CAUSE, now=NOW)
        raise_alarm(tx, name="silence", text="no event since 6 h", now=NOW)
        count_refusal(tx, reason="signature", at=NOW)
    open_drain(store)
    status = _status(store, after=30)
    inbox = status.inbox
    assert (inbox.due, inbox.put_off, inbox.dead, inbox.held) == (1, 0, 1, 1)
    assert inbox.oldest_due_seconds == 30
    assert inbox.last_received_at == NOW
    products = status.products
    assert (products.live, products.tombstones, products.held_deletions) == (2, 1, 1)
    assert status.door.alive
    assert [alarm.name for alarm in status.alarms] == ["silence"]
    assert [refusal.reason for refusal in status.refusals] == ["signature"]
    assert status.outcomes == {"applied": 1, "dead": 1}


@pytest.mark.parametrize("key", [uuid_of(1), uuid_of(1).upper(), "Lamp-1", " LAMP-1 "])
def test_why_tells_a_products_story_by_uuid_or_identifier(store: Store, key: str) -> None:
    deliver(store, make_event(1, event_id="first"))
    deliver(store, make_event(None, identifier="LAMP-1", event_id="second"))
    deliver(store, make_event(2, event_id="other"))
    write(store, live(body_of(1, identifier="lamp-1", name="Arc"), 1, 2))
    write(store, live(body_of(1, identifier="lamp-1", name="Bow"), 3, 4))
    _settle(store, Outcome.APPLIED, "first")
    (story,) = _why(store, key)
    assert story.product is not None
    assert story.product.source is not None
    assert (story.product.key, story.product.read_from) == (uuid_of(1), 3)
    assert [(event.event_id, event.state, event.reason) for event in story.events] == [
        ("second", "due", None),
        ("first", "applied", "because"),
    ]
    assert [change.op for change in story.changes] == ["updated", "created"]


def test_why_shows_what_waits_for_approval(store: Store) -> None:
    deliver(store, make_event(1, event_id="held"))
    write(store, live(body_of(1), 1, 2))
    with store.transaction() as tx:
        rows = tuple(event.row_id for event in list_events(tx))
        hold = DeletionToHold(live(body_of(1), 1, 2).read.key, rows)
        hold_deletions(tx, [hold], cause=CAUSE, now=NOW)
    (story,) = _why(store, uuid_of(1))
    assert [event.state for event in story.events] == ["held"]
    assert [hold.events for hold in story.holds] == [1]


def test_why_shows_the_last_content_of_a_tombstone(store: Store) -> None:
    write(store, live(body_of(1, identifier="lamp", name="Arc"), 1, 2))
    write(store, absent(1, 3, 4))
    write(store, live(body_of(2, identifier="lamp"), 5, 6))
    alive, dead = _why(store, "LAMP")
    assert alive.product is not None
    assert alive.product.deleted_at is None
    assert dead.product is not None
    assert (dead.product.deleted_at, dead.product.source is None) == (NOW, False)


def test_why_knows_events_without_product(store: Store) -> None:
    deliver(store, make_event(1), make_event(model="Arc"), make_event(None, identifier="X"))
    for key in (uuid_of(1), "ARC", "x"):
        (story,) = _why(store, key)
        assert (story.product, len(story.events)) == (None, 1)
    assert _why(store, "unknown") == []


def test_why_finds_events_by_an_identifier_that_no_product_has(store: Store) -> None:
    deliver(store, make_event(7, identifier="Lamp"), make_event(8, identifier="Desk"))
    (history,) = _why(store, "lamp")
    assert [event.identifier for event in history.events] == ["Lamp"]
    assert history.product is None


def test_the_export_streams_in_key_order_and_shows_tombstones_on_request(store: Store) -> None:
    for start in range(0, 450, 90):
        write(store, *(live(body_of(n, name="Ärc"), 1, 2) for n in range(start, start + 90)))
    write(store, absent(7, 3, 4))
    with store.read() as tx:
        alive = [json.loads(each.line()) for each in export_products(tx)]
        every = [json.loads(each.line()) for each in export_products(tx, tombstones=True)]
    assert [line["key"] for line in every] == [uuid_of(n) for n in range(450)]
    assert [line["key"] for line in alive] == [uuid_of(n) for n in range(450) if n != 7]
    assert every[7] == {
        "key": uuid_of(7),
        "uuid": uuid_of(7),
        "identifier": None,
        "updated": "2026-11-23T12:00:00+00:00",
        "deleted": True,
        "source": None,
        "document": None,
    }
    assert alive[0]["source"]["values"]["name"][0]["data"] == "Ärc"
    assert alive[0]["document"]["key"] == uuid_of(0)
