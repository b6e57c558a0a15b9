"""The door under random schedules: no wake-up is lost, nothing is wedged, runs are few."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import Store, open_store
from storage.inbox.door import read_door
from tests.property.door_world import LAPSE, DoorWorld

SCHEDULES = st.integers(0, 2**64 - 1)
"""Seeds: a schedule has hundreds of choices, and shrinking those one by one takes many minutes."""


@pytest.fixture(scope="module")
def sqlite_store(sqlite_template: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{sqlite_template}")) as store:
        yield store


@contextmanager
def world(store: Store, rng: Random) -> Iterator[DoorWorld]:
    """A world that is rolled back at its end."""
    with store.transaction() as tx:
        yield DoorWorld(tx, rng, events=rng.randint(1, 8))
        tx.connection.rollback()


@settings(max_examples=settings().max_examples * 2 // 5, deadline=None)
@given(seed=SCHEDULES)
def test_without_crashes_no_wake_up_is_lost_although_nobody_looks_by_the_clock(
    sqlite_store: Store, seed: int
) -> None:
    rng = Random(seed)
    with world(sqlite_store, rng) as model:
        _deliver_all(model)
        assert model.need().due == 0
        assert model.settled == model.stored
        assert not read_door(model.tx).open
        # A run opens the door, or finds it held; at most one a generation is still to come.
        assert len(model.runs) <= model.openings + model.idle_runs
        assert len(model.runs) <= model.stored


def _deliver_all(model: DoorWorld) -> None:
    while model.stored < model.events:
        model.actors.append(model.receiver())
        for _ in range(model.rng.randint(0, 12)):
            model.step()
    model.settle_down()


def test_a_drain_that_does_not_look_again_would_lose_wake_ups(sqlite_store: Store) -> None:
    def is_lost(seed: int) -> bool:
        with world(sqlite_store, Random(seed)) as model:
            model.looks_again = False
            _deliver_all(model)
            return model.need().due > 0

    assert any(map(is_lost, range(500)))


@settings(max_examples=settings().max_examples * 2 // 5, deadline=None)
@given(seed=SCHEDULES)
def test_after_crashes_every_event_is_settled_once(sqlite_store: Store, seed: int) -> None:
    rng = Random(seed)
    with world(sqlite_store, rng) as model:
        while model.stored < model.events:
            model.actors.append(model.receiver())
            for _ in range(rng.randint(0, 12)):
                _disturb(model)
                model.step()
        for _ in range(MOST_ROUNDS):  # the crashes are over; the trigger looks every 15 s
            model.settle_down()
            if not model.need().due:
                break
            model.clock += LAPSE
            model.actors.append(model.ask())
        assert model.need().due == 0
        assert model.settled + model.buried == model.stored
        assert len(model.runs) <= model.openings + model.idle_runs + model.crashes


MOST_ROUNDS = 2
"""After the last crash: one lapse of the lease, and one run."""


def _disturb(model: DoorWorld) -> None:
    fate = model.rng.random()
    if fate < 0.08:
        model.crash()
    elif fate < 0.12:
        model.clock += LAPSE  # a drain that stands still for a minute, and wakes again
    elif fate < 0.2:
        model.actors.append(model.ask())


@settings(max_examples=settings().max_examples // 4, deadline=None)
@given(seed=SCHEDULES)
def test_many_receivers_at_once_make_one_run(sqlite_store: Store, seed: int) -> None:
    rng = Random(seed)
    with world(sqlite_store, rng) as model:
        receivers = [model.receiver() for _ in range(model.events)]
        while receivers:  # nobody runs meanwhile
            receiver = rng.choice(receivers)
            if next(receiver, "done") == "done":
                receivers.remove(receiver)
        assert len(model.runs) == 1
        model.settle_down()
        assert (model.settled, model.openings) == (model.events, 1)
