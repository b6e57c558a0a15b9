"""A source that is away: runs leave it alone, a probe finds it back, nothing is lost."""

from datetime import timedelta

import pytest

from flows.run.source_probe import Probe, probe_if_due
from pim.errors import SourceServerError
from storage.database.store import Transaction
from storage.state.runs import is_full_left_undone
from tests.shop import Shop

pytestmark = pytest.mark.anyio

FOR_GOOD = 1000


def go_away(shop: Shop) -> None:
    shop.control("answers", {"path": "/api/", "status": 502, "html": True, "times": FOR_GOOD})


def come_back(shop: Shop) -> None:
    shop.http.delete(f"{shop.pim_url}/_simulator/answers").raise_for_status()


async def probe_later(shop: Shop, seconds: float) -> Probe:
    """Probe as if so much time had passed."""
    shop.store.clock_offset += timedelta(seconds=seconds)
    assert shop.settings.source is not None
    return await probe_if_due(shop.store, shop.settings.source)


async def test_a_source_that_is_well_is_not_probed(shop: Shop) -> None:
    await shop.reconcile()
    before = shop.requests()
    assert await probe_later(shop, 60) is Probe.NOT_DUE
    assert shop.requests() == before


async def test_probes_hold_back_runs_until_one_is_answered_and_then_nothing_is_missing(
    shop: Shop,
) -> None:
    await shop.reconcile()
    shop.control("edits", {"operations": 30})
    go_away(shop)
    with pytest.raises(SourceServerError):
        await shop.drain()
    assert await probe_later(shop, 5) is Probe.NOT_DUE
    for _ in range(5):
        assert await probe_later(shop, 12) is Probe.FAILED
        breaker = shop.status().breaker
        assert breaker.failures == 1  # no run has failed meanwhile
        assert "502" in (breaker.reason or "")
    come_back(shop)
    assert await probe_later(shop, 12) is Probe.ANSWERED
    assert not shop.status().breaker.blocked
    await shop.drain()
    assert shop.sources() == shop.truth()
    assert all(event.attempts <= 1 for event in shop.events())


async def test_a_full_reconcile_that_the_source_broke_off_is_to_be_made_up_for(shop: Shop) -> None:
    def undone(tx: Transaction) -> bool:
        return is_full_left_undone(tx, flow="reconcile")

    assert not shop.store.run(undone)
    go_away(shop)
    with pytest.raises(SourceServerError):
        await shop.reconcile()
    assert shop.status().breaker.failing_since is not None
    assert shop.store.run(undone)
    come_back(shop)
    with shop.store.read() as tx:
        assert undone(tx)
    await shop.reconcile(full=False)
    assert shop.status().breaker.failing_since is None
    assert shop.store.run(undone)  # a delta is no full one
    await shop.reconcile()
    assert not shop.store.run(undone)
