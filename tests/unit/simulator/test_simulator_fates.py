from dataclasses import replace

import pytest

from simulator.config import Faults
from simulator.deliveries.faults import Fate, FateDrawer

ALL = Faults(drop=0.3, repeat=0.3, shuffle=0.3, delay=0.3, forge=0.3)


def fates(faults: Faults, count: int = 400, seed: int = 5) -> list[Fate]:
    drawer = FateDrawer(seed, faults)
    return [drawer.draw() for _ in range(count)]


def test_the_same_seed_draws_the_same_fates() -> None:
    assert fates(ALL) == fates(ALL)
    assert fates(ALL) != fates(ALL, seed=6)


def test_without_faults_nothing_happens() -> None:
    assert {replace(fate, rebuilt=False) for fate in fates(Faults())} == {Fate()}


@pytest.mark.parametrize("name", ["drop", "repeat", "forge", "shuffled", "delayed"])
def test_a_rate_is_the_share_of_deliveries(name: str) -> None:
    share = sum(getattr(fate, name) for fate in fates(ALL, 4000)) / 4000

    assert 0.27 < share < 0.33


def test_changing_one_rate_leaves_the_others_as_they_were() -> None:
    quiet, noisy = fates(Faults(drop=0.3)), fates(ALL)

    assert [fate.drop for fate in quiet] == [fate.drop for fate in noisy]


def test_a_late_delivery_waits_in_the_queue_or_on_the_network() -> None:
    late = fates(Faults(delay=1.0, delay_seconds=2.0))

    assert {(fate.queue_seconds, fate.network_seconds) for fate in late} == {(2.0, 0.0), (0.0, 2.0)}


def test_a_shuffled_delivery_waits_within_its_window() -> None:
    waits = [fate.network_seconds for fate in fates(Faults(shuffle=1.0, shuffle_window_seconds=4))]

    assert all(0 <= seconds < 4 for seconds in waits)
    assert max(waits) - min(waits) > 3


def test_a_repeated_delivery_is_sometimes_built_anew() -> None:
    assert {fate.rebuilt for fate in fates(Faults(repeat=1.0))} == {True, False}
