"""Many events in one delivery: those that a PIM might send are all taken, the work is bounded."""

import json

import pytest
from sqlalchemy import select

from pim.events import MAX_EVENTS
from pim.vocabulary import Outcome
from storage.database.store import Store
from storage.inbox.listed_events import list_events
from storage.tables import InboxBatch, table_of
from tests.integration.receiver.receiver_scene import a_batch, event, running

pytestmark = pytest.mark.anyio

_BATCH = table_of(InboxBatch)


def dead_reasons(store: Store) -> list[str]:
    with store.read() as tx:
        dead = list_events(tx, state=Outcome.DEAD, limit=MAX_EVENTS * 2)
    return [letter.reason or "" for letter in dead]


def batch_sizes(store: Store) -> list[int]:
    with store.read() as tx:
        return list(tx.execute(select(_BATCH.c.events)).scalars())


@pytest.mark.parametrize("count", [10, 100, 1000])
async def test_every_event_of_a_large_delivery_is_due(store: Store, count: int) -> None:
    async with running(store) as receiver:
        answer = await receiver.deliver(a_batch(*[event() for _ in range(count)]))
        assert answer.json() == {"accepted": count, "duplicates": 0, "invalid": 0}
        assert receiver.due() == count


async def test_past_the_limit_one_dead_letter_stands_for_all_others(sqlite_store: Store) -> None:
    store = sqlite_store
    first = [event(f"e-{number}") for number in range(MAX_EVENTS)]
    body = a_batch(*first, *[event() for _ in range(5)], {"event_id": "unusable"})
    async with running(store) as receiver:
        answer = await receiver.deliver(body)
        assert answer.json() == {"accepted": MAX_EVENTS, "duplicates": 0, "invalid": 6}
        again = await receiver.deliver(body)
        assert again.json() == {"accepted": 0, "duplicates": MAX_EVENTS + 6, "invalid": 0}
        assert receiver.due() == MAX_EVENTS
        assert receiver.bodies() == [body, body]
    (reason,) = dead_reasons(store)
    assert reason.startswith(f"6 events past the first {MAX_EVENTS} of one delivery")
    assert "reconcile --full" in reason
    assert batch_sizes(store) == [MAX_EVENTS + 6] * 2


async def test_millions_of_tiny_unusable_events_are_bounded_work(sqlite_store: Store) -> None:
    count = 1_000_000
    body = b'{"events":[' + b",".join(b"%d" % number for number in range(count)) + b"]}"
    async with running(sqlite_store) as receiver:
        answer = await receiver.deliver(body)
        assert answer.json() == {"accepted": 0, "duplicates": 0, "invalid": count}
    assert len(dead_reasons(sqlite_store)) == MAX_EVENTS + 1


async def test_an_unusable_event_that_repeats_is_one_dead_letter(sqlite_store: Store) -> None:
    count = MAX_EVENTS * 3
    body = json.dumps({"events": [{}] * count}).encode()
    async with running(sqlite_store) as receiver:
        answer = await receiver.deliver(body)
        assert answer.json() == {
            "accepted": 0,
            "duplicates": MAX_EVENTS - 1,
            "invalid": count - MAX_EVENTS + 1,
        }
    assert len(dead_reasons(sqlite_store)) == 2
