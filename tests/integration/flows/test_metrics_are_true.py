"""What `/metrics` shows is what the shop did, as the simulated PIM counted it on its own side."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pim.errors import SourceError
from pim.json_types import as_object
from receiver.app import build_app
from storage.products.reading import count_products
from tests.scraped import Scraped, parse_scrape
from tests.served_app import patient, served
from tests.shop import SECRET, Shop, SilentTrigger, open_shop

pytestmark = pytest.mark.anyio


@pytest.fixture
def shop(tmp_path: Path, store_url: str) -> Iterator[Shop]:
    with open_shop(tmp_path, database_url=store_url, products=40) as shop:
        yield shop


def scrape(shop: Shop, url: str | None = None) -> Scraped:
    answer = shop.http.get(f"{url or shop.receiver_url}/metrics").raise_for_status()
    return parse_scrape(answer.text)


def settled(shop: Shop) -> dict[str, int]:
    return dict(Counter(event.state for event in shop.events() if event.settled_at is not None))


def calls_of_the_pim(shop: Shop) -> dict[str, int]:
    """By status; 0 is the simulator's word for no answer at all."""
    counts: Counter[str] = Counter()
    for call in shop.requests()["calls"]:  # type: ignore[union-attr] # the simulator's own report
        each = as_object(call)
        counts["unreachable" if each["status"] == 0 else str(each["status"])] += int(
            str(each["count"])
        )
    return dict(counts)


def deliveries_of_the_pim(shop: Shop) -> dict[str, int]:
    state = as_object(shop.http.get(f"{shop.pim_url}/_simulator/state").json())
    ledger = as_object(state["deliveries"])
    answers = Counter({k: int(str(n)) for k, n in as_object(ledger["answers"]).items()})
    forged = Counter({k: int(str(n)) for k, n in as_object(ledger["forged_answers"]).items()})
    return dict(answers + forged)


def assert_true(shop: Shop) -> Scraped:
    """Compare everything that can be counted from the other side."""
    seen = scrape(shop)
    assert seen.by("settled_events_total", "outcome") == settled(shop)
    applied = settled(shop).get("applied", 0)
    assert seen.value("freshness_seconds_count") == applied
    assert seen.value("freshness_seconds_bucket", le="+Inf") == applied
    assert seen.by("pim_calls_total", "status") == calls_of_the_pim(shop)
    assert sum(seen.by("pim_calls_by_cause_total", "cause").values()) == sum(
        calls_of_the_pim(shop).values()
    )
    timed = sum(
        value
        for (name, _), value in seen.samples.items()
        if name == "akeneo_sync_pim_call_seconds_count"
    )
    assert timed == sum(calls_of_the_pim(shop).values())
    assert seen.by("deliveries_total", "status") == deliveries_of_the_pim(shop)
    with shop.store.read() as tx:
        live, tombstones = count_products(tx)
    assert seen.value("products", state="live") == live
    assert seen.value("products", state="tombstone") == tombstones
    return seen


async def test_figures_are_those_of_the_shop_through_repeats_forgeries_and_failures(
    shop: Shop,
) -> None:
    shop.control("faults", {"repeat": 0.5, "forge": 0.3})
    await shop.reconcile()
    seen = assert_true(shop)
    assert seen.by("drift_total", "drift") == {"missing": len(shop.truth())}
    assert seen.by("runs_total", "state") == {"done": 1}

    shop.control("edits", {"operations": 40})
    await shop.drain()
    seen = assert_true(shop)
    assert seen.by("delivered_events_total", "receipt")["accepted"] == len(shop.events())
    assert seen.by("inbox_events", "state") == {}

    gone, kept, *_ = [uuid for uuid, product in shop.truth().items() if product["enabled"]]
    shop.http.delete(f"{shop.pim_url}/_simulator/products/{gone}").raise_for_status()
    await shop.drain()
    assert assert_true(shop).by("settled_events_total", "outcome")["gone"] >= 1

    shop.control(f"products/{kept}", {"changes": {"enabled": False}})
    for trouble in ({"status": 500}, {"wire": "closed"}):
        shop.control("answers", {"path": "/api/rest", "times": 100, **trouble})
        with pytest.raises(SourceError):
            await shop.drain()
        shop.http.delete(f"{shop.pim_url}/_simulator/answers").raise_for_status()
        assert assert_true(shop).value("source_blocked") == 1
    shop.control("answers", {"path": "/api/rest", "status": 429, "retry_after": 0, "times": 2})
    await shop.drain()
    seen = assert_true(shop)
    assert {"200", "500", "unreachable", "429"} <= set(seen.by("pim_calls_total", "status"))
    assert seen.value("source_blocked") == 0


async def test_what_the_store_knows_outlives_every_process(shop: Shop) -> None:
    await shop.reconcile()
    shop.control("edits", {"operations": 10})
    await shop.drain()
    before = scrape(shop)
    again = build_app(patient(SECRET), shop.store, SilentTrigger())
    with served(again) as url:
        after = scrape(shop, url)
    own = ("akeneo_sync_deliver", "akeneo_sync_ack", "process_", "akeneo_sync_sweep_watermark")
    kept = {key: value for key, value in before.samples.items() if not key[0].startswith(own)}
    assert kept == {key: after.samples[key] for key in kept}
    assert after.value("acknowledgement_seconds_count") == 0
