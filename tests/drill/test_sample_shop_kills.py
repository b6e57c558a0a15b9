"""Killed at any moment and away for any time, the sample shop ends with the store's content."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from threading import Event

import pytest

from examples.shop import Shelf
from storage import Store
from storage.products import read_bounds, read_changes
from storage.retention import remove_changes
from tests.integration.api.api_scene import token_of
from tests.integration.examples.shop_scene import (
    ShopProcess,
    Writer,
    same_as_store,
    served_api,
    wait_for_copy,
    wait_for_first_load,
)
from tests.store_builders import at

KILLS = 5


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Iterator[ShopProcess]:
    with served_api(store) as api:
        process = ShopProcess(api, token_of(store, "sample-shop"), tmp_path)
        try:
            yield process
        finally:
            process.kill()


def test_killed_at_random_beside_writers_it_holds_the_store_and_applied_each_change_once(
    store: Store, shop: ShopProcess, tmp_path: Path
) -> None:
    rng = Random(7)
    shelf = Shelf(tmp_path / "shop.db")
    shop.start()
    begun = wait_for_first_load(shelf)
    for number in range(KILLS):
        writers = [Writer(store, rng.getrandbits(64), steps=12) for _ in range(3)]
        for writer in writers:
            writer.start()
        Event().wait(rng.uniform(0.0, 1.5))  # at any moment of its start or its work
        shop.kill()
        if number % 2:
            for writer in writers:
                writer.join()  # it is away meanwhile
        shop.start()
        for writer in writers:
            writer.join()
    wait_for_copy(shelf, store)
    assert same_as_store(shelf, store)
    with store.read() as tx:
        changes = read_changes(tx, after=begun, limit=100_000)
    place = shelf.place()
    assert (place.applied, place.loads) == (len(changes), 1)
    assert changes


def test_away_for_longer_than_changes_are_kept_it_loads_everything_anew(
    store: Store, shop: ShopProcess, tmp_path: Path
) -> None:
    shelf = Shelf(tmp_path / "shop.db")
    shop.start()
    wait_for_first_load(shelf)
    shop.kill()
    for seed in range(2):
        writer = Writer(store, seed, steps=10)
        writer.start()
        writer.join()
    with store.read() as tx:
        _, end = read_bounds(tx)
    store.run(lambda tx: remove_changes(tx, older_than=at(10**6), limit=end))
    shop.start()
    wait_for_copy(shelf, store)
    assert same_as_store(shelf, store)
    assert shelf.place().loads == 2
