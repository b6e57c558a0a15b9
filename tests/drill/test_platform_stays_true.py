"""The Event Platform instead of the Events API, and both at once: the store ends as the truth.

One test on each database: they take long, and what they share is most of their way.
"""

from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from pim.json_types import JsonObject, as_list, as_object
from pim.vocabulary import Channel
from storage.inbox import read_last_deliveries
from tests.night_parts import wait_until
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

PRODUCTS = 600
OPERATIONS = 800


def open_large(
    folder: Path, database_url: str, told_by: Collection[Channel], **platform: object
) -> AbstractContextManager[Shop]:
    return open_shop(
        folder,
        products=PRODUCTS,
        models=20,
        edition="EE",
        records=50,
        assets=50,
        database_url=database_url,
        told_by=told_by,
        platform=platform,
        # What went within a gap was announced by nobody: more than a share would wait for a person.
        tunables={"SYNC_MAX_DELETE_SHARE": "1"},
    )


def subscription(shop: Shop) -> JsonObject:
    report = shop.http.get(f"{shop.pim_url}/_simulator/platform").raise_for_status().json()
    return as_object(as_list(report["subscriptions"])[-1])


def _alarms(shop: Shop) -> list[str]:
    return [alarm.name for alarm in shop.alarms()]


@pytest.mark.parametrize(
    "told_by", [(Channel.EVENT_PLATFORM,), tuple(Channel)], ids=["platform", "both"]
)
async def test_events_alone_keep_the_store_true_though_repeated_shuffled_and_forged(
    tmp_path: Path, store_url: str, told_by: tuple[Channel, ...]
) -> None:
    with open_large(tmp_path, store_url, told_by) as shop:
        await shop.reconcile()
        shop.control("faults", {"repeat": 0.2, "shuffle": 1.0, "forge": 0.05})
        shop.control("edits", {"operations": OPERATIONS})
        await shop.drain()
        assert shop.sources() == shop.truth()
        assert not shop.events("due")
        assert not shop.events("dead")
        assert sum(refusal.count for refusal in shop.status().refusals) > 0  # of the forgeries
        with shop.store.read() as tx:
            assert set(read_last_deliveries(tx)) == set(told_by)
        told = subscription(shop)
        counts = as_object(told["counts"])
        assert told["status"] == "active"
        assert "failed" not in counts
        assert counts["delivered"]


async def test_what_a_suspension_hid_is_found_by_one_full_reconcile(
    tmp_path: Path, store_url: str
) -> None:
    with open_large(tmp_path, store_url, (Channel.EVENT_PLATFORM,)) as shop:
        await shop.reconcile()
        shop.control("platform/end", {"reason": "Success rate dropped below 90%"})
        wait_until(lambda: _alarms(shop) == ["subscription-suspended"], "the notice to be heard")
        shop.control("edits", {"operations": OPERATIONS})
        gone = shop.exported().keys() - shop.truth().keys()
        assert gone
        await shop.drain()
        assert shop.sources() != shop.truth()
        await shop.reconcile()
        assert shop.sources() == shop.truth()
        assert not (await shop.reconcile(dry_run=True)).has_drift
        assert as_object(subscription(shop)["counts"])["lost_while_suspended"]
