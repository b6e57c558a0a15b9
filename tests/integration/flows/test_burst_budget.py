"""What a burst of edits costs the PIM in calls, counted on its own side."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.drain.report import DrainReport
from pim.json_types import as_list, as_object
from pim.vocabulary import CallKind
from storage.catalog import open_marks
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

SEARCH, BY_URL = "/api/rest/v1/products-uuid?search", "/api/rest/v1/products-uuid/{code}"
PAGE = 100


@pytest.fixture
def shop(tmp_path: Path, store_url: str) -> Iterator[Shop]:
    with open_shop(tmp_path, database_url=store_url, products=300) as shop:
        yield shop


def forget_calls(shop: Shop) -> None:
    shop.http.delete(f"{shop.pim_url}/_simulator/requests").raise_for_status()


def calls(shop: Shop) -> Counter[str]:
    """Calls that the PIM got, by kind of path."""
    counts: Counter[str] = Counter()
    for call in map(as_object, as_list(shop.requests()["calls"])):
        counts[str(call["path"])] += int(str(call["count"]))
    return counts


def touched(shop: Shop) -> int:
    """How many products the events in the inbox are about."""
    return len({event.resource_key for event in shop.events()})


def open_ones(shop: Shop) -> int:
    with shop.store.read() as tx:
        return len(open_marks(tx))


def is_equal(shop: Shop) -> bool:
    return shop.sources() == shop.truth()


async def test_a_burst_with_deletions_is_read_a_hundred_a_search(shop: Shop) -> None:
    await shop.reconcile()
    shop.control("edits", {"operations": 600, "bulk": 10, "seed": 7})
    forget_calls(shop)
    report = await shop.drain()
    made, deleted = calls(shop), report.total.written["deleted"] + report.total.written["absent"]
    assert deleted > 15
    assert made[SEARCH] <= 2 * math.ceil(touched(shop) / PAGE)
    assert made[BY_URL] <= 1.2 * deleted
    assert (is_equal(shop), open_ones(shop)) == (True, 0)
    assert counted(report) == made


def counted(report: DrainReport) -> Counter[str]:
    """The drain's own count, in the PIM's words."""
    names = {
        CallKind.PRODUCT_LIST: SEARCH,
        CallKind.PRODUCT: BY_URL,
        CallKind.TOKEN: "/api/oauth/v1/token",
        CallKind.STRUCTURE: "/api/rest/v1/channels",
    }
    counts: Counter[str] = Counter()
    for (_, kind), number in report.calls.items():
        counts[names[kind]] += number
    return counts
