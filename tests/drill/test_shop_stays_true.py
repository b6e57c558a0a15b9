"""Events repeated, shuffled, forged and dropped: the store ends as the PIM's truth.

One test on each database: they take long, and what they share is most of their way.
"""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from pim.vocabulary import Drift
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

PRODUCTS = 2000
OPERATIONS = 1000


def open_large(folder: Path, database_url: str) -> AbstractContextManager[Shop]:
    return open_shop(folder, products=PRODUCTS, database_url=database_url)


async def test_events_alone_keep_the_store_true_though_repeated_shuffled_and_forged(
    tmp_path: Path, postgres_url: str
) -> None:
    with open_large(tmp_path, postgres_url) as shop:
        await shop.reconcile()
        shop.control("faults", {"repeat": 0.2, "shuffle": 1.0, "forge": 0.05})
        shop.control("edits", {"operations": OPERATIONS})
        await shop.drain()
        assert shop.sources() == shop.truth()
        assert not shop.events("due")
        assert not shop.events("dead")
        refused = sum(refusal.count for refusal in shop.status().refusals)
        assert refused > 0  # the forgeries were there


async def test_dropped_events_are_repaired_by_one_full_reconcile(
    tmp_path: Path, sqlite_url: str
) -> None:
    with open_large(tmp_path, sqlite_url) as shop:
        await shop.reconcile()
        shop.control("faults", {"repeat": 0.2, "shuffle": 1.0, "forge": 0.05, "drop": 0.2})
        shop.control("edits", {"operations": OPERATIONS})
        await shop.drain()
        assert shop.sources() != shop.truth()  # else nothing was lost, and nothing is shown
        report = await shop.reconcile()
        assert report.by_kind()[Drift.OUTDATED] > 0
        assert shop.sources() == shop.truth()
        assert not (await shop.reconcile(dry_run=True)).has_drift
