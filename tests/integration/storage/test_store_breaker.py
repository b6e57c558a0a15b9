"""The breaker's row: judged by the database's clock, changed by one at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from pim.breaker import SourceFailure
from storage import Store
from storage.state.source import (
    BreakerView,
    claim_probe,
    read_breaker,
    record_probe,
    reset_breaker,
    trip_breaker,
)

BAD_GATEWAY = SourceFailure("502 Bad Gateway")


def _view(store: Store) -> BreakerView:
    with store.read() as tx:
        return read_breaker(tx)


def _trip(store: Store) -> BreakerView:
    return store.run(lambda tx: trip_breaker(tx, BAD_GATEWAY))


def test_a_failure_blocks_until_the_databases_clock_says_otherwise(store: Store) -> None:
    tripped = _trip(store)
    assert _view(store) == tripped
    assert (tripped.blocked, tripped.failures, tripped.reason) == (True, 1, "502 Bad Gateway")
    store.clock_offset = timedelta(seconds=16)
    assert not _view(store).blocked


def test_a_good_answer_resets_it_and_tells_how_it_was(store: Store) -> None:
    assert store.run(reset_breaker) is None
    _trip(store)
    was = store.run(reset_breaker)
    assert was is not None
    assert was.failing_since is not None
    well = _view(store)
    assert (well.blocked, well.failing_since, well.reason) == (False, None, None)
    assert store.run(reset_breaker) is None


def test_of_many_workers_one_gets_the_probe(store: Store) -> None:
    assert not store.run(claim_probe)
    _trip(store)
    assert not store.run(claim_probe)  # not yet
    store.clock_offset = timedelta(seconds=11)
    with ThreadPoolExecutor(4) as threads:
        claimed = list(threads.map(lambda _: store.run(claim_probe), range(8)))
    assert claimed.count(True) == 1


def test_a_failed_probe_says_when_the_next_one_is(store: Store) -> None:
    _trip(store)
    store.clock_offset = timedelta(seconds=20)
    assert store.run(claim_probe)
    view = store.run(lambda tx: record_probe(tx, SourceFailure("cannot connect")))
    assert view.blocked
    assert view.reason == "cannot connect"
    assert view.next_try_at == view.probe_at
    assert view.failures == 1  # of runs
