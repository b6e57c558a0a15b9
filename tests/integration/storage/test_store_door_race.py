"""Receivers and drains in real threads: the last commit is always seen by somebody."""

import queue
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from pim.ids import Generation, RunId
from pim.vocabulary import Outcome
from storage import Store
from storage.inbox import is_due
from storage.inbox.door import DoorAlive, close_door, open_door, read_drain_need, reopen_door
from storage.inbox.due_events import take_chunk
from storage.inbox.listed_events import list_events
from storage.inbox.settling import Settlement, settle_events
from tests.store_builders import LEASE, NOW, deliver, make_event

RECEIVERS, DELIVERIES, WORKERS = 3, 25, 2


class Race:
    """Receivers that commit and then look; workers that drain whenever they are asked to."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.asked: queue.Queue[str] = queue.Queue()
        self.generations = count()

    def receive(self, receiver: int) -> None:
        for number in range(DELIVERIES):
            deliver(self.store, make_event(number % 7, event_id=f"{receiver}-{number}"))
            with self.store.read() as tx:
                wanted = read_drain_need(tx).wants_drain
            if wanted:
                self.asked.put("drain")

    def work(self) -> None:
        while self.asked.get():
            self._drain()

    def _drain(self) -> None:
        generation = self._next()
        opened = self.store.run(
            lambda tx: open_door(
                tx, generation=generation, run_id=RunId("r"), run_name="r", lease=LEASE
            )
        )
        if isinstance(opened, DoorAlive):
            return
        while True:
            while self._settle_some(generation):
                pass
            assert self._close(generation)
            successor = self._next()
            if not self._reopen(generation, successor):
                return
            generation = successor

    def _settle_some(self, generation: Generation) -> int:
        with self.store.transaction() as tx:
            events = take_chunk(tx, generation=generation, max_attempts=5, max_products=3).events
        settlements = [Settlement(event.row_id, Outcome.APPLIED) for event in events]
        with self.store.transaction() as tx:
            return settle_events(
                tx,
                generation=generation,
                settlements=settlements,
                run_id=RunId("r"),
                now=NOW,
            )

    def _close(self, generation: Generation) -> bool:
        return self.store.run(lambda tx: close_door(tx, generation=generation))

    def _reopen(self, generation: Generation, successor: Generation) -> bool:
        return self.store.run(
            lambda tx: reopen_door(tx, generation=generation, successor=successor, lease=LEASE)
        )

    def _next(self) -> Generation:
        return Generation(f"generation-{next(self.generations)}")


def test_no_event_is_left_over(store: Store) -> None:
    race = Race(store)
    with ThreadPoolExecutor(RECEIVERS + WORKERS) as threads:
        workers = [threads.submit(race.work) for _ in range(WORKERS)]
        receivers = [threads.submit(race.receive, n) for n in range(RECEIVERS)]
        for receiver in receivers:
            receiver.result()
        for _ in workers:
            race.asked.put("")  # after every request
        for worker in workers:
            worker.result()
    with store.read() as tx:
        assert tx.count_rows(is_due(tx)) == 0
        events = list_events(tx, limit=1000)
    assert len(events) == RECEIVERS * DELIVERIES
    assert {event.state for event in events} == {"applied"}
    assert {event.attempts for event in events} == {1}
