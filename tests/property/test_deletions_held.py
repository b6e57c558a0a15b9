"""Products that vanish together with many others are never deleted without a person.

Whatever drains see of them, a few at a time, and sweeps, all of them at once, however many hours
pass: no unannounced deletion of theirs is written; and in no hour go more than are allowed.
"""

import asyncio
import shutil
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from flows.run.session import Session
from flows.write_path.products import write_reads
from storage import Store, open_store
from storage.products import read_marks
from tests.hiding_source import KEYS, PRODUCTS, Hours, Source, session_of
from tests.store_builders import absent, body_of, live, write

ALLOWED = 20
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # no seed is simpler than another


@pytest.fixture(scope="module")
def empty(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each example gets a fresh copy of the store with its products."""
    folder = tmp_path_factory.mktemp("deletions")
    filled = folder / "filled.db"
    shutil.copy(sqlite_template, filled)
    with closing(open_store(f"sqlite:///{filled}")) as store:
        for start in range(0, PRODUCTS, 20):
            numbers = [store.draw_number() for _ in range(20)]
            write(
                store,
                *(live(body_of(start + n), number, number) for n, number in enumerate(numbers)),
            )
    return filled


def deleted(store: Store) -> set[int]:
    with store.read() as tx:
        marks = read_marks(tx, list(KEYS))
    return {KEYS[key] for key, mark in marks.items() if mark.deleted}


async def sight(session: Session, products: set[int]) -> None:
    """A drain or a sweep finds these products hidden."""
    numbers = {product: session.store.draw_number() for product in sorted(products)}
    await write_reads(session, [absent(product, n, n) for product, n in numbers.items()])


@given(st.integers(0, 2**32 - 1))
@examples(max_examples=5, deadline=None, phases=NO_SHRINKING)
def test_what_vanished_with_many_others_stays(empty: Path, seed: int) -> None:
    rng = Random(seed)
    copy = empty.with_name(f"{seed}.db")
    shutil.copy(empty, copy)
    with closing(open_store(f"sqlite:///{copy}")) as store:
        source, clock = Source(store), Hours()
        session = session_of(store, source, clock)
        source.hidden = set(rng.sample(range(PRODUCTS), rng.randint(ALLOWED + 1, PRODUCTS - 5)))
        for _ in range(8):
            whole = rng.random() < 0.4
            few = set(rng.sample(sorted(source.hidden), rng.randint(1, ALLOWED)))
            asyncio.run(sight(session, source.hidden if whole else few))
            assert not deleted(store)
            clock.now += timedelta(minutes=rng.choice([1, 30, 61, 600]))
    copy.unlink()


@given(st.integers(0, 2**32 - 1))
@examples(max_examples=5, deadline=None, phases=NO_SHRINKING)
def test_in_no_hour_go_more_than_are_allowed(empty: Path, seed: int) -> None:
    rng = Random(seed)
    copy = empty.with_name(f"{seed}.db")
    shutil.copy(empty, copy)
    with closing(open_store(f"sqlite:///{copy}")) as store:
        source, clock = Source(store), Hours()
        session = session_of(store, source, clock)
        gone: list[tuple[datetime, int]] = []
        for _ in range(8):
            # Deleted one by one, so that no neighbour is missing: the hour's allowance decides.
            left = sorted(set(range(PRODUCTS)) - deleted(store))
            some = set(rng.sample(left, min(len(left), rng.randint(1, ALLOWED))))
            before = deleted(store)
            source.hidden = set(some)
            asyncio.run(sight(session, some))
            went = deleted(store) - before
            assert went in (set(), some)  # as a whole or not at all
            gone.append((clock.now, len(went)))
            hour_ago = clock.now - timedelta(hours=1)
            assert sum(count for at, count in gone if at > hour_ago) <= ALLOWED
            clock.now += timedelta(minutes=rng.choice([1, 30, 61, 600]))
    copy.unlink()
