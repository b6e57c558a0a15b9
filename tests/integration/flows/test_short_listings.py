"""Listings that end early without an error, against the count that the source gives."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from flows.run.session import Session
from flows.sweeps.delta import DELTA
from flows.sweeps.doubts.count_check import (
    SHORT_ALARM,
    find_difference,
    judge_count,
    read_seen,
    read_short,
)
from flows.sweeps.products import sweep_products
from flows.sweeps.report import ReconcileReport
from flows.sweeps.sweep import FULL, Sweep, held_sweep
from storage import Store, open_store
from storage.products.reading import count_products
from storage.state.alarms import list_alarms
from storage.state.sweeps import save_position
from storage.state.watermarks import Watermark, read_watermark
from tests.hiding_source import PRODUCTS, Hours, Source, session_of
from tests.store_builders import NOW

pytestmark = pytest.mark.anyio

MISSING = set(range(40, 60))


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with closing(open_store(sqlite_url)) as opened:
        yield opened


@pytest.fixture
def source(store: Store) -> Source:
    return Source(store, counted=PRODUCTS)


@pytest.fixture
def session(store: Store, source: Source) -> Session:
    return session_of(store, source, Hours())


async def full_sweep(session: Session) -> ReconcileReport:
    report = ReconcileReport("full", dry_run=False)
    await sweep_products(Sweep(session, report))
    return report


async def difference(session: Session) -> str | None:
    """Why the next delta compares everything."""
    return await find_difference(Sweep(session, ReconcileReport("delta", dry_run=False)))


def alarms(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return {alarm.name: alarm.text for alarm in list_alarms(tx)}


def watermark(store: Store) -> Watermark | None:
    with store.read() as tx:
        return read_watermark(tx, [FULL])


async def test_a_listing_that_ends_early_is_not_whole_and_says_so(
    store: Store, source: Source, session: Session
) -> None:
    source.unlisted = MISSING
    report = await full_sweep(session)
    assert "counts 60 products, and only 40 of them are found" in alarms(store)[SHORT_ALARM]
    assert alarms(store)[SHORT_ALARM] in report.notes
    assert watermark(store) is None
    with store.read() as tx:
        assert count_products(tx) == (40, 0)  # what was listed is there
        seen = read_seen(tx, FULL, DELTA)
    assert seen == Watermark(NOW)  # edits are found meanwhile
    text = await difference(session)
    assert text is not None
    assert "20 products more than the store has" in text

    source.unlisted = set()
    await full_sweep(session)
    assert alarms(store) == {}
    assert watermark(store) is not None
    assert await difference(session) is None


async def test_an_index_that_never_shows_what_it_counts_has_all_compared_twice_and_no_more(
    store: Store, source: Source, session: Session
) -> None:
    source.unlisted = MISSING
    await full_sweep(session)
    assert await difference(session) is not None
    await full_sweep(session)
    for _ in range(3):
        assert await difference(session) is None
    assert SHORT_ALARM in alarms(store)
    assert watermark(store) is None
    source.counted = PRODUCTS + 20  # it lacks as much again: that is another thing
    assert await difference(session) is not None


async def test_what_a_listing_leaves_out_and_the_store_has_is_found_by_key(
    store: Store, source: Source, session: Session
) -> None:
    await full_sweep(session)
    source.unlisted = MISSING
    await full_sweep(session)
    assert SHORT_ALARM not in alarms(store)
    with store.read() as tx:
        assert count_products(tx) == (PRODUCTS, 0)


async def test_a_source_that_tells_no_count_is_taken_at_its_listing(
    store: Store, source: Source, session: Session
) -> None:
    source.counted = None
    source.unlisted = MISSING
    await full_sweep(session)
    assert alarms(store) == {}
    assert watermark(store) is not None


async def test_a_dry_run_says_that_a_listing_is_short_and_leaves_no_trace(
    store: Store, source: Source, session: Session
) -> None:
    source.unlisted = MISSING
    report = ReconcileReport("full", dry_run=True)
    await sweep_products(Sweep(session, report, dry_run=True))
    assert any("only 40 of them" in note for note in report.notes)
    assert alarms(store) == {}
    with store.read() as tx:
        assert read_short(tx, FULL) is None


async def test_an_alarm_ends_when_no_list_is_short_any_more(store: Store, session: Session) -> None:
    sweep = Sweep(session, ReconcileReport("full", dry_run=False))
    assert not await judge_count(sweep, "a", "families", 100, 50, begun=NOW)
    assert not await judge_count(sweep, "b", "models", 100, 50, begun=NOW)
    assert await judge_count(sweep, "a", "families", 100, 97, begun=NOW)
    assert SHORT_ALARM in alarms(store)
    assert await judge_count(sweep, "b", "models", 100, 100, begun=NOW)
    assert alarms(store) == {}


@pytest.mark.parametrize("version", ["7.0.1", "7.0.2"])
async def test_a_position_lives_only_with_the_version_that_it_was_taken_under(
    store: Store, source: Source, session: Session, version: str
) -> None:
    async def begin(session: Session, *, stopped: bool) -> bool:
        sweep = Sweep(session, ReconcileReport("full", dry_run=False))
        number = store.draw_number()
        async with held_sweep(sweep, FULL, first_number=number, source_now=NOW) as start:
            if stopped:
                store.run(
                    lambda tx: save_position(
                        tx, name=FULL, holder=sweep.holder, position="behind", counts={}
                    )
                )
            return start.resumed

    assert not await begin(session, stopped=True)
    source.facts = replace(source.facts, version=version)
    assert await begin(session, stopped=False) is (version == "7.0.1")
