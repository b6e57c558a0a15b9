"""A source that fails in the middle of a chunk: the next drain completes what was half done."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from flows.drain.enrich import enrich_chunk
from flows.drain.report import ChunkOutcome
from flows.drain.settle import Fence, upsert_chunk
from pim.errors import SourceServerError
from pim.json_types import as_list, as_object
from storage.inbox.due_events import DueEvent
from tests.integration.flows.fault_scene import bring_on, drain_in_vain, end_faults, some, toggle
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio


@pytest.fixture
def linked_shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop with enough products that some point to others."""
    with open_shop(tmp_path, products=100) as shop:
        yield shop


def pointed_to(shop: Shop) -> str:
    """A product that an association of another names."""
    truth = shop.truth()
    for product in truth.values():
        for links in as_object(product["associations"]).values():
            for uuid in as_list(as_object(links)["products"]):
                if uuid in truth:
                    return str(uuid)
    raise AssertionError("nothing is associated")


async def test_products_that_pointed_to_a_deleted_one_are_read_when_the_source_is_back(
    linked_shop: Shop,
) -> None:
    shop = linked_shop
    await shop.reconcile()
    before = shop.truth()
    gone = pointed_to(shop)
    shop.http.delete(f"{shop.pim_url}/_simulator/products/{gone}").raise_for_status()

    async def fail_after_reading(fence: Fence, events: Sequence[DueEvent]) -> ChunkOutcome:
        enriched = await enrich_chunk(fence.session, events)
        bring_on(shop, status=500)
        return await upsert_chunk(fence, enriched)

    failed = await drain_in_vain(shop, step=fail_after_reading)
    assert isinstance(failed.error, SourceServerError)
    assert gone not in shop.exported()
    assert not shop.events("due")  # nothing but the next drain's own knowledge leads there
    end_faults(shop)

    truth = shop.truth()
    assert any(truth[uuid] != before[uuid] for uuid in truth)
    assert shop.sources() != truth
    toggle(shop, some(shop, 1))
    await shop.drain()
    assert shop.sources() == shop.truth()
