"""Transactions last about as long as they should, and who waits to write gets a turn between."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.run.pace import (
    AIM,
    AIM_ALONE,
    FEWEST,
    FIRST,
    LONGEST_WAY,
    MOST,
    REMEMBERED,
    Pace,
)

pytestmark = pytest.mark.anyio


@dataclass
class World:
    """A store, a clock that moves as rows are written and as is waited, and others who write.

    `waits`: whether somebody wants a turn, each time it is asked for; then nobody does.
    `others_until`: so long others are seen as a transaction ends.
    """

    a_row: float = 0.001
    is_sqlite: bool = True
    turn: float = 0.0
    waits: list[bool] = field(default_factory=list)
    others_until: float = math.inf
    now: float = 100.0
    lasted: list[float] = field(default_factory=list)
    slept: float = 0.0

    def run(self, work: Callable[[Any], Any]) -> Any:
        self.now += self.turn
        began = self.now
        result = work(None)
        self.lasted.append(self.now - began)
        return result

    def is_turn_wanted(self) -> bool:
        return bool(self.waits) and self.waits.pop(0)

    def is_turn_wanted_elsewhere(self) -> bool:
        return self.now < self.others_until

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds

    async def write_all(self, count: int, pace: Pace | None = None) -> list[int]:
        """Write so many rows; answer how many each transaction took."""
        pace = pace or self.pace()
        written: list[int] = []
        sizes: list[int] = []

        def work(_tx: object, some: Sequence[int]) -> None:
            self.now += len(some) * self.a_row
            written.extend(some)

        store: Any = self
        async for some in pace.slices(store, list(range(count))):
            await pace.write(store, partial(work, some=some), rows=len(some))
            sizes.append(len(some))
        assert written == list(range(count))
        return sizes

    def pace(self) -> Pace:
        return Pace(clock=lambda: self.now, sleep=self.sleep)


async def test_a_slice_is_as_large_as_its_time_allows() -> None:
    for a_row, rows in ((0.0005, 20), (0.00025, 40), (0.01, FEWEST), (0.000001, MOST)):
        sizes = await World(a_row).write_all(600)
        assert sizes[0] == FIRST
        assert abs(sizes[-2] - rows) <= 1


async def test_where_nobody_else_writes_a_slice_lasts_longer() -> None:
    for a_row, rows in ((0.002, 25), (0.001, 50), (0.01, FEWEST)):
        sizes = await World(a_row, others_until=0).write_all(600)
        assert abs(sizes[-2] - rows) <= 1


async def test_others_who_were_seen_once_are_reckoned_with_for_a_while() -> None:
    world = World(a_row=0.001, others_until=0)
    pace = world.pace()
    await world.write_all(600, pace)
    world.others_until = world.now + 0.06
    sizes = await world.write_all(600, pace)
    assert sizes[0] > 2 * sizes[2]
    assert max(sizes[2:]) * world.a_row <= 2 * AIM
    world.now += REMEMBERED
    assert (await world.write_all(200, pace))[0] * world.a_row == pytest.approx(AIM_ALONE, rel=0.1)


async def test_a_transaction_s_wait_for_its_turn_makes_no_slice_smaller() -> None:
    sizes = await World(a_row=0.0005, turn=3.0).write_all(200)
    assert abs(sizes[-2] - 20) <= 1


async def test_nobody_is_waited_for_where_nobody_waits() -> None:
    world = World()
    await world.write_all(300)
    assert world.slept == 0


async def test_whoever_waits_gets_a_turn_for_as_long_as_he_needs() -> None:
    world = World(waits=[True] * 7)
    await world.write_all(300)
    assert world.slept == pytest.approx(0.007)


async def test_others_who_never_stop_get_every_other_turn() -> None:
    world = World(a_row=0.004, waits=[True] * 10_000)
    sizes = await world.write_all(300)
    assert world.slept == pytest.approx(sum(world.lasted[:-1]), rel=0.1)
    quick = World(a_row=0.000001, waits=[True] * 10_000)
    sizes = await quick.write_all(300)
    assert quick.slept == pytest.approx(LONGEST_WAY * (len(sizes) - 1), rel=0.1)


async def test_where_writers_do_not_wait_for_each_other_slices_are_large() -> None:
    world = World(a_row=0.01, is_sqlite=False)
    assert await world.write_all(250) == [100, 100, 50]
    assert world.slept == 0


async def test_what_was_measured_counts_for_the_next_writes() -> None:
    world = World(a_row=0.0005)
    pace = world.pace()
    await world.write_all(100, pace)
    assert abs((await world.write_all(100, pace))[0] - 20) <= 1


@settings(deadline=None)  # threads are slow on a busy machine, and no promise
@given(
    count=st.integers(0, 400),
    a_row=st.floats(1e-7, 0.5),
    waits=st.lists(st.booleans(), max_size=60),
    is_sqlite=st.booleans(),
)
async def test_all_is_written_once_in_order_in_slices_within_bounds(
    count: int, a_row: float, waits: list[bool], *, is_sqlite: bool
) -> None:
    world = World(a_row, is_sqlite=is_sqlite, waits=waits)
    sizes = await world.write_all(count)
    assert sum(sizes) == count
    assert all(FEWEST <= size <= MOST for size in sizes[:-1])
    settled = pairwise(sizes[3:-1])
    assert all(size * a_row <= 2 * AIM or size == FEWEST or not is_sqlite for size, _ in settled)
