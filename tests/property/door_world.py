"""Receivers, triggers and drains as steps that interleave freely, on the real door functions.

Each actor is a generator that does one transaction between two yields. A crash drops an actor
where it stands. Prefect is a table of runs by idempotency key.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random

from pim.events import Batch
from pim.ids import Generation, RunId
from pim.vocabulary import Channel, Outcome
from storage.database.store import Transaction
from storage.errors import FenceLost
from storage.inbox import store_batch
from storage.inbox.door import (
    DoorAlive,
    DrainNeed,
    close_door,
    open_door,
    raise_attempt,
    read_drain_need,
    renew_lease,
    reopen_door,
)
from storage.inbox.due_events import take_chunk
from storage.inbox.settling import Settlement, settle_events
from tests.store_builders import LEASE, NOW, make_event

Actor = Generator[None, None, None]
Key = tuple[str, int]

LAPSE = LEASE + timedelta(seconds=1)
MAX_ATTEMPTS = 4


@dataclass(eq=False, slots=True)
class FlowRun:
    """A run that a trigger asked for."""

    key: Key
    started: bool = False
    ended: bool = False
    actor: Actor | None = None


@dataclass(eq=False)
class DoorWorld:
    """One schedule's store, clock, runs and actors."""

    connection: Transaction
    rng: Random
    events: int
    looks_again: bool = True  # a drain, after it closed the door
    runs: dict[Key, FlowRun] = field(default_factory=dict)
    actors: list[Actor] = field(default_factory=list)
    clock: timedelta = timedelta(0)
    stored: int = 0
    settled: int = 0
    buried: int = 0
    openings: int = 0
    idle_runs: int = 0
    crashes: int = 0
    _names: "count[int]" = field(default_factory=count)

    @property
    def tx(self) -> Transaction:
        """A transaction of its own, at the world's time."""
        return Transaction(self.connection.connection, self.clock)

    def need(self) -> DrainNeed:
        """Look at inbox and door."""
        return read_drain_need(self.tx)

    # -- scheduling --

    def step(self) -> bool:
        """Let one actor, or Prefect, go on; False if nobody has anything to do."""
        waiting = [run for run in self.runs.values() if not run.started]
        choices: list[Actor | FlowRun] = [*self.actors, *waiting]
        if not choices:
            return False
        match self.rng.choice(choices):
            case FlowRun() as run:
                run.started = True
                run.actor = self.drain(run)
                self.actors.append(run.actor)
            case actor:
                try:
                    next(actor)
                except StopIteration:
                    self.actors.remove(actor)
        return True

    def settle_down(self) -> None:
        """Let everybody finish."""
        for _ in range(5000):
            if not self.step():
                return
        raise AssertionError("the schedule does not come to an end")

    def crash(self) -> None:
        """Kill one actor where it stands; Prefect notices that its run is gone."""
        if not self.actors:
            return
        victim = self.rng.choice(self.actors)
        self.actors.remove(victim)
        victim.close()
        for run in self.runs.values():
            run.ended |= run.actor is victim
        self.crashes += 1

    # -- actors --

    def receiver(self) -> Actor:
        """Commit, and then look."""
        product = self.rng.randrange(4)
        self.stored += 1
        batch = Batch((make_event(product),), ())
        store_batch(self.tx, channel=Channel.EVENTS_API, raw=b"", batch=batch, received_at=NOW)
        yield
        yield from self.ask()

    def ask(self) -> Actor:
        """Ask Prefect for a run if a drain is needed (a commit woke us, or 15 s have passed)."""
        need = self.need()
        yield
        if not need.wants_drain:
            return
        generation, attempt = need.generation, need.attempt
        while (run := self.runs.get((generation, attempt))) is not None:
            yield
            if not run.ended:
                return  # it will come
            if not raise_attempt(self.tx, generation=generation, attempt=attempt):
                yield from self.ask()  # another was faster, or a drain opened: look again
                return
            attempt += 1
            yield
        self.runs[generation, attempt] = FlowRun((generation, attempt))

    def drain(self, run: FlowRun) -> Actor:
        """Open, take and settle until nothing is due, close, and look again."""
        yield from self._drain()
        run.ended = True

    def _drain(self) -> Actor:
        generation = self._generation()
        run_id = RunId(generation)
        opened = open_door(
            self.tx, generation=generation, run_id=run_id, run_name="drain", lease=LEASE
        )
        if isinstance(opened, DoorAlive):
            self.idle_runs += 1
            return
        self.openings += 1
        yield
        while True:
            try:
                yield from self._empty(generation)
            except FenceLost:
                return
            if not close_door(self.tx, generation=generation):
                return
            yield
            if not self.looks_again:
                return
            successor = self._generation()
            if not reopen_door(self.tx, generation=generation, successor=successor, lease=LEASE):
                return
            generation = successor
            self.openings += 1
            yield

    def _empty(self, generation: Generation) -> Actor:
        while True:
            chunk = take_chunk(
                self.tx, generation=generation, max_attempts=MAX_ATTEMPTS, max_products=2
            )
            self.buried += chunk.buried
            yield
            if not chunk.events:
                return
            if self.rng.random() < 0.3:
                if not renew_lease(self.tx, generation=generation, lease=LEASE):
                    return
                yield
            self.settled += settle_events(
                self.tx,
                generation=generation,
                settlements=[Settlement(e.row_id, Outcome.APPLIED) for e in chunk.events],
                run_id=RunId("model"),
                now=NOW,
            )
            yield

    def _generation(self) -> Generation:
        return Generation(f"generation-{next(self._names)}")
