"""docs/metrics.md names what there is, and all of it; its alerts are rules that can be loaded."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from pim.ids import OrderNumber
from pim.vocabulary import CallCause, CallKind
from storage import Store, Transaction
from storage.figures import count_call_causes, count_calls
from storage.inbox.refusals import count_refusal
from storage.state.alarms import raise_alarm
from storage.state.runs import finish_run, start_run
from storage.state.sweeps import begin_sweep, finish_sweep
from storage.webhooks import add_webhook
from tests.integration.receiver.receiver_scene import running
from tests.scraped import parse_scrape
from tests.store_builders import LEASE, NOW, RUN

DOCUMENT = (Path(__file__).parents[3] / "docs/metrics.md").read_text()
PREFIX = "akeneo_sync_"
_NAME = re.compile(r"\b(?:akeneo_sync|process)_\w+")


async def exposed(store: Store) -> dict[str, str]:
    """Every family of a scrape by the name under which Prometheus keeps it, with its type."""
    async with running(store) as receiver:
        text = (await receiver.client.get("/metrics")).text
    assert parse_scrape(text).types
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, flags=re.MULTILINE))
    assert len(types) == text.count("# TYPE ")
    return types


def rows() -> dict[str, list[str]]:
    """The tables' rows by metric: type, labels, meaning."""
    found = re.findall(r"^\| `(\w+)` \| (.*) \|$", DOCUMENT, flags=re.MULTILINE)
    return {name: re.split(r"\s*\|\s*", rest) for name, rest in found}


def blocks() -> list[Any]:
    return [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)]


@pytest.mark.anyio
async def test_every_metric_is_described_and_every_described_one_is_there(
    sqlite_store: Store,
) -> None:
    types = await exposed(sqlite_store)
    own = {name: kind for name, kind in types.items() if name.startswith(PREFIX)}
    assert {name: cells[0] for name, cells in rows().items()} == own
    assert {name for name in types if not name.startswith(PREFIX)} <= set(_NAME.findall(DOCUMENT))


@pytest.mark.anyio
async def test_every_name_in_the_document_is_a_metric_s(sqlite_store: Store) -> None:
    types = await exposed(sqlite_store)
    series = set(types) | {
        f"{name}_{part}"
        for name, kind in types.items()
        if kind == "histogram"
        for part in ("bucket", "count", "sum")
    }
    assert {name for name in _NAME.findall(DOCUMENT) if name.startswith(PREFIX)} <= series


@pytest.mark.anyio
async def test_names_follow_prometheus_conventions(sqlite_store: Store) -> None:
    for name, kind in (await exposed(sqlite_store)).items():
        if name.startswith(PREFIX):
            assert name.endswith("_total") == (kind == "counter")
            assert not re.search(r"_(ms|milliseconds|minutes|kb|mb|count)\b", name)


def test_the_five_alerts_are_rules_with_a_condition_and_something_to_do() -> None:
    scraping, alerts = blocks()
    assert scraping["scrape_configs"][0]["static_configs"]
    (group,) = alerts["groups"]
    assert len(group["rules"]) == 5
    for rule in group["rules"]:
        assert set(rule) - {"for"} == {"alert", "expr", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "action"}
        assert _NAME.search(rule["expr"])
        assert rule["expr"].count("(") == rule["expr"].count(")")


@pytest.mark.anyio
async def test_labels_are_those_of_the_samples(sqlite_store: Store) -> None:
    sqlite_store.run(count_something)
    async with running(sqlite_store) as receiver:
        await receiver.deliver(b"")
        seen = parse_scrape((await receiver.client.get("/metrics")).text)
    described = {name: set(re.findall(r"`(\w+)`", cells[1])) for name, cells in rows().items()}
    shown: dict[str, set[str]] = {}
    for name, labels in seen.samples:
        family = re.sub(r"_(bucket|count|sum)$", "", name)
        shown[family] = {label for label, _ in labels} - {"le"}
    without_samples = {"akeneo_sync_source_failing_since_timestamp_seconds"}
    assert {name: shown.get(name) for name in described if name not in without_samples} == {
        name: labels for name, labels in described.items() if name not in without_samples
    }


def count_something(tx: Transaction) -> None:
    """What a fresh store has no sample of."""
    count_calls(tx, CallKind.TOKEN, "200", calls=1, seconds=[0.1])
    count_call_causes(tx, CallCause.LOGIN, CallKind.TOKEN, calls=1)
    count_refusal(tx, reason="clock_off", at=NOW)
    raise_alarm(tx, name="no-worker", text="-", now=NOW)
    tx.count("changes", "created")
    add_webhook(tx, name="webshop", url="-", position=0, documents=True, most=1, now=NOW)
    finish_run(
        tx,
        row_id=start_run(tx, run_id=RUN, flow="reconcile", cause="test", now=NOW),
        state="done",
        report={},
        now=NOW + LEASE,
    )
    sweep, number = "products/full", OrderNumber(1)
    begin_sweep(tx, name=sweep, holder="r", first_number=number, source_now=NOW, lease=LEASE)
    finish_sweep(tx, name=sweep, holder="r", watermark=NOW)
