"""Whoever applies the feed to a copy holds the store, whatever runs, dies and is removed beside.

Writers write, delete, render and die at random, side by side; the reader takes a few changes at a
time, falls behind what is kept, and begins again with an export.
"""

from collections.abc import Callable
from contextlib import suppress
from random import Random
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pim.document import Document
from pim.ids import ProductKey
from pim.json_types import JsonObject
from storage import Store, Transaction
from storage.products import (
    ProductWrite,
    read_renderings,
    write_products,
    write_rendering,
)
from storage.retention import remove_changes
from tests.feed_copy import Copy, look
from tests.store_builders import CAUSE, FAMILY, NOW, absent, at, body_of, live, uuid_of

SEEDS = st.integers(0, 2**64 - 1)
PRODUCTS = 6
WRITERS = 3
STEPS = 10


class Killed(Exception):  # noqa: N818 - no error: what a kill does to a transaction
    """Undoes a transaction."""


class Writer:
    """One of several that write at random."""

    def __init__(self, store: Store, rng: Random) -> None:
        self.store = store
        self.rng = rng

    def work(self) -> None:
        for _ in range(STEPS):
            step = self.rng.choice([self.write, self.write, self.write, self.render, self.forget])
            step()

    def write(self) -> None:
        read_from, read_to = self.store.draw_number(), self.store.draw_number()
        numbers = self.rng.sample(range(PRODUCTS), self.rng.randint(1, 3))
        writes = [self._write_of(number, read_from, read_to) for number in numbers]
        self._commit(lambda tx: write_products(tx, writes, cause=CAUSE, now=NOW))

    def _write_of(self, number: int, read_from: int, read_to: int) -> ProductWrite:
        if self.rng.random() < 0.3:
            return absent(number, read_from, read_to)
        body = body_of(number, updated=at(read_from), content=self.rng.randint(0, 2))
        write = live(body, read_from, read_to)
        document = self._document(write.read.key)
        return ProductWrite(write.read, document, confirmed=True)

    def render(self) -> None:
        key = ProductKey(uuid_of(self.rng.randrange(PRODUCTS)))
        with self.store.read() as tx:
            stored = read_renderings(tx, [key])

        def work(tx: Transaction) -> None:
            for each in stored:
                document, version = self._document(key), each.catalog_version + 1
                write_rendering(
                    tx, each, document=document, catalog_version=version, cause=CAUSE, now=NOW
                )

        self._commit(work)

    def _document(self, key: str) -> Document:
        body: JsonObject = {
            "key": key,
            "updated": self.rng.random(),
            "label": self.rng.randint(0, 2),
        }
        return Document(body, frozenset({FAMILY}))

    def forget(self) -> None:
        if self.rng.random() < 0.2:
            self._commit(lambda tx: remove_changes(tx, older_than=at(1), limit=5))

    def _commit(self, work: Callable[[Transaction], object]) -> None:
        """Do it, or be killed in the middle of it."""
        dies = self.rng.random() < 0.2

        def all_of_it(tx: Transaction) -> None:
            work(tx)
            if dies:
                raise Killed

        with suppress(Killed):
            self.store.run(all_of_it)


@pytest.fixture(autouse=True)
def _no_leftovers(store: Store) -> None:
    assert look(store) == (0, {})


@settings(
    max_examples=max(3, settings().max_examples // 40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=SEEDS)
def test_a_copy_that_follows_the_feed_is_the_store(store: Store, seed: int) -> None:
    rng = Random(seed)
    copy = Copy()
    copy.reload(store)
    threads = [
        Thread(target=Writer(store, Random(rng.getrandbits(64))).work) for _ in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        copy.follow(store, rng.randint(1, 4))
    for thread in threads:
        thread.join()
    while copy.follow(store, rng.randint(1, 4)):
        pass
    assert (copy.position, copy.documents) == look(store)
