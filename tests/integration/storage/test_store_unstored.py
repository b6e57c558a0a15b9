"""The alarm on lost deliveries stands until a sweep of the products that began later is whole."""

from datetime import timedelta

import pytest

from pim.ids import OrderNumber
from storage import Store
from storage.database import read_clock
from storage.inbox.refusals import count_refusal
from storage.state.alarms import Alarm, list_alarms
from storage.state.lost_deliveries import judge_unstored
from storage.state.sweeps import SweepStart, begin_sweep, finish_sweep
from tests.store_builders import LEASE

LATER = timedelta(minutes=10)


def lose(store: Store, count: int = 3) -> None:
    """So many deliveries are lost now, on the database's clock as on the receiver's."""
    with store.transaction() as tx:
        now = read_clock(tx)
        count_refusal(tx, reason="never_stored", at=now, detail="the disk is full", count=count)
        judge_unstored(tx)


def begin(store: Store, name: str) -> SweepStart:
    with store.transaction() as tx:
        begun = begin_sweep(
            tx,
            name=name,
            holder=name,
            first_number=OrderNumber(1),
            source_now=read_clock(tx),
            lease=LEASE,
        )
    assert isinstance(begun, SweepStart)
    return begun


def finish(store: Store, name: str, begun: SweepStart) -> None:
    with store.transaction() as tx:
        finish_sweep(tx, name=name, holder=name, watermark=begun.source_started_at)


def alarms(store: Store) -> list[Alarm]:
    with store.read() as tx:
        return list_alarms(tx)


def test_a_loss_raises_it_once_and_counts_on(store: Store) -> None:
    lose(store, 2)
    lose(store, 3)
    (alarm,) = alarms(store)
    assert alarm.name == "refused"
    assert alarm.text.startswith("5 deliveries were refused and never stored")
    assert alarm.text.endswith(": the disk is full")


@pytest.mark.parametrize("name", ["products/delta", "products/full"])
def test_it_stands_until_a_sweep_begun_afterwards_is_whole(store: Store, name: str) -> None:
    before = begin(store, name)
    lose(store)
    finish(store, name, before)
    assert alarms(store) != []
    store.clock_offset = LATER
    after = begin(store, name)
    assert alarms(store) != []
    finish(store, name, after)
    assert alarms(store) == []


def test_a_sweep_of_something_else_does_not_end_it(store: Store) -> None:
    lose(store)
    store.clock_offset = LATER
    finish(store, "products/delta-doubted", begin(store, "products/delta-doubted"))
    assert alarms(store) != []


def test_what_was_made_up_for_does_not_count_in_the_next_loss(store: Store) -> None:
    lose(store, 300)
    store.clock_offset = LATER
    finish(store, "products/delta", begin(store, "products/delta"))
    lose(store, 1)
    (alarm,) = alarms(store)
    assert alarm.text.startswith("1 delivery was refused")
