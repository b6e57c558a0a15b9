"""Deliveries of a week that has passed, settled as drains settle them."""

import itertools
import json
import random
import uuid
from datetime import datetime, timedelta

from sqlalchemy import insert

from pim.events import Batch, Event
from pim.ids import EventId, Generation, RunId
from pim.vocabulary import Channel, Outcome, ResourceKind
from storage import Store
from storage.inbox import (
    Settlement,
    close_door,
    open_door,
    settle_events,
    store_batch,
    take_chunk,
)
from storage.inbox.listed_events import list_events
from storage.tables import ProductChange, table_of

RATE = 1.1
EVENTS = 10
EVENT_BYTES = 6_000
PRODUCTS = 100_000
_TOGETHER = 20  # deliveries a transaction: only what they leave behind is measured here
_WORDS = [f"{random.Random(n).getrandbits(28):x}"[: 3 + n % 6] for n in range(120)]
_APPLIED = 0.84  # of the events, as the demo's drains settle them; the rest is coalesced
_SERIAL = itertools.count()
_LEASE = timedelta(minutes=1)


class Week:
    """Plays hours into a store, one delivery for every `scale`."""

    def __init__(self, store: Store, scale: int) -> None:
        self.deliveries = 0
        self._store = store
        self._scale = scale
        self._left_over = 0.0

    def play_hour(self, start: datetime) -> None:
        """Play the deliveries of an hour, and settle their events."""
        wanted = RATE * 3600 / self._scale + self._left_over
        self._left_over = wanted % 1
        self.play(start, int(wanted))

    def play(self, start: datetime, count: int) -> None:
        """Play so many deliveries, received and settled within the hour."""
        for first in range(0, count, _TOGETHER):
            some = min(_TOGETHER, count - first)
            self._play(start + timedelta(hours=first / count), some)
        self.deliveries += count

    def _play(self, at: datetime, count: int) -> None:
        with self._store.transaction() as tx:
            for _ in range(count):
                batch = Batch(tuple(make_events(random.randrange(PRODUCTS))), ())
                store_batch(
                    tx, channel=Channel.EVENTS_API, raw=make_body(), batch=batch, received_at=at
                )
            due = list_events(tx, state="due", limit=count * EVENTS)
            outcomes = [
                Outcome.APPLIED if random.random() < _APPLIED else Outcome.COALESCED for _ in due
            ]
            settlements = [
                Settlement(event.row_id, outcome)
                for event, outcome in zip(due, outcomes, strict=True)
            ]
            run = RunId(str(uuid.uuid4()))
            drain = Generation(run)
            open_door(tx, generation=drain, run_id=run, run_name="week", lease=_LEASE)
            while take_chunk(tx, generation=drain, max_attempts=1000).events:
                pass
            settle_events(tx, generation=drain, settlements=settlements, run_id=run, now=at)
            close_door(tx, generation=drain)
            common = {"op": "updated", "cause": "event", "announced": False}
            rows = [
                common
                | {
                    "product_key": event.resource_key,
                    "changed": '[["description", "en_US", null]]',
                    "run_id": run,
                    "at": at,
                }
                for event, outcome in zip(due, outcomes, strict=True)
                if outcome is Outcome.APPLIED
            ]
            tx.execute(insert(table_of(ProductChange)), rows)


def make_events(product: int) -> list[Event]:
    """The events of one delivery: ten products in a row."""
    return [
        Event(
            event_id=EventId(str(uuid.uuid4())),
            action="product.updated",
            kind=ResourceKind.PRODUCT,
            removed=False,
            uuid=f"00000000-0000-4000-8000-{product + step:012d}",
            identifier=f"lamp-{product + step}",
            code=None,
            resource_updated=None,
            occurred_at=None,
            author="julia",
            author_type="ui",
        )
        for step in range(EVENTS)
    ]


def make_body() -> bytes:
    """The raw bytes of one delivery; they compress about as well as real ones (1 to 5)."""
    draw = random.Random(next(_SERIAL))
    event = {f"attribute_{number}": "" for number in range(EVENT_BYTES // 240)}
    events = [
        {
            "event_id": str(uuid.uuid4()),
            "values": {
                code: [
                    {"locale": "en_US", "scope": None, "data": " ".join(draw.choices(_WORDS, k=22))}
                ]
                for code in event
            },
        }
        for _ in range(EVENTS)
    ]
    return json.dumps({"events": events}).encode()
