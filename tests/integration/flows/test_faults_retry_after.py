"""A source that asks to be spared: a short wait is waited, a long one ends the run."""

from datetime import timedelta

import pytest
from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows.prefect_tasks import is_retryable
from flows.run.session import utc_now
from flows.run.source_probe import Probe, probe_if_due
from pim.errors import SourceError, SourceRateLimited, SourceServerError
from tests.integration.flows.fault_scene import (
    asked,
    attempts,
    bring_on,
    count_anew,
    drain_in_vain,
    end_faults,
    some,
    toggle,
)
from tests.shop import Shop

pytestmark = pytest.mark.anyio

PRODUCTS = "/api/rest/v1/products-uuid"
LONG = 3600


async def test_a_short_wait_is_waited_within_the_run(filled_shop: Shop) -> None:
    shop = filled_shop
    toggle(shop, some(shop, 2))
    count_anew(shop)
    shop.control("answers", {"path": PRODUCTS, "status": 429, "retry_after": 1, "times": 2})
    report = await shop.drain()
    assert report.events == 2
    assert asked(shop, "products-uuid") == 3  # two that were refused, and the one that was not
    assert shop.status().breaker.failing_since is None
    assert shop.sources() == shop.truth()


@pytest.mark.parametrize("status", [429, 503])
async def test_a_long_wait_ends_the_run_at_once_and_the_breaker_keeps_to_it(
    filled_shop: Shop, status: int
) -> None:
    shop = filled_shop
    toggle(shop, some(shop, 2))
    count_anew(shop)
    bring_on(shop, path=PRODUCTS, status=status, retry_after=LONG)
    failed = await drain_in_vain(shop)
    breaker = shop.status().breaker
    assert isinstance(failed.error, SourceRateLimited)
    assert failed.error.retry_after == LONG
    assert asked(shop, "products-uuid") == 1
    assert attempts(shop) == [0, 0]
    for next_try in (breaker.blocked_until, breaker.next_try_at):
        assert next_try is not None
        assert next_try > utc_now() + timedelta(seconds=LONG / 2)

    end_faults(shop)
    assert shop.settings.source is not None
    assert await probe_if_due(shop.store, shop.settings.source) is Probe.NOT_DUE
    shop.store.clock_offset += timedelta(seconds=LONG)
    assert await probe_if_due(shop.store, shop.settings.source) is Probe.ANSWERED
    shop.store.clock_offset = timedelta(0)
    await shop.drain()
    assert shop.sources() == shop.truth()


async def test_a_full_sweep_that_is_asked_to_wait_for_long_ends_and_goes_on_later(
    filled_shop: Shop,
) -> None:
    shop = filled_shop
    toggle(shop, some(shop, 2), silent=True)
    bring_on(shop, path=PRODUCTS, status=429, retry_after=LONG)
    with pytest.raises(SourceRateLimited):
        await shop.reconcile()
    assert shop.status().breaker.blocked
    end_faults(shop)
    await shop.reconcile()
    assert shop.sources() == shop.truth()


@pytest.mark.parametrize(
    ("error", "is_tried_again"),
    [
        (SourceRateLimited("so many calls", retry_after=LONG), False),
        (SourceRateLimited("so many calls"), True),
        (SourceServerError("down for maintenance", retry_after=LONG), False),
        (SourceServerError("down"), True),
    ],
)
def test_a_task_is_not_tried_again_while_the_source_asks_to_be_spared(
    error: SourceError, *, is_tried_again: bool
) -> None:
    state: State[None] = Failed(data=error)
    assert is_retryable(None, None, state) is is_tried_again  # type: ignore[arg-type]
