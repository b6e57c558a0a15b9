"""The label of an option that all products use: how long until every document shows it.

Once an event of the Event Platform tells of it, and once a delta sees it. The limit: the same
documents rendered and written as JSON, without a store. All documents must show the new label, each
with a change row that names the option, and the simulated PIM must have answered no product.

    python bench/fan_out.py [--products 2000] [--rounds 1]
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx

from bench.burst import drain, served_receiver
from bench.first_reconcile import API, TOKEN, simulated_pim
from bench.support.deliveries import SECRET
from flows.run import open_session
from flows.sweeps.run import ReconcileRequest, run_reconcile
from pim.canonical import dump_json
from pim.event_platform import PREFIX, sign_body
from pim.ids import RunId
from pim.json_types import JsonObject
from pim.product import parse_product
from pim.vocabulary import Identity
from receiver.app import EVENT_PLATFORM_PATH
from receiver.delivery import PRIMARY_HEADER
from settings import Settings, load_settings
from simulator.config import SimulatorConfig
from storage import Store, migrate, open_store
from storage.products import Cause, export_products, read_bounds, read_changes, read_renderings
from storage.state import CallerKind

RESULTS = Path(__file__).parent / "results" / "fan_out.json"
ATTRIBUTE, OPTION = "tags", "bestseller"
CAUSE = f"structure option:{ATTRIBUTE}/{OPTION}"
_TIMEOUT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Followed:
    """One change of the label: what followed it, and what the PIM was asked for."""

    seconds: float
    documents: int
    rows: int
    product_reads: int
    calls: int


class Bench:
    """A mirror of a simulated PIM in which every product has the option."""

    def __init__(self, settings: Settings, store: Store, pim: httpx.Client) -> None:
        self.settings = settings
        self.store = store
        self.pim = pim

    def give_option(self) -> None:
        """Have every product hold the option since yesterday, and mirror all of it.

        Yesterday: a delta looks again at what was saved a few minutes before.
        """
        saved = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
        value: JsonObject = {"locale": None, "scope": None, "data": [OPTION]}
        for line in self.pim.get("/_simulator/truth").text.splitlines():
            path = f"/_simulator/products/{json.loads(line)['uuid']}"
            changes = {"values": {ATTRIBUTE: [value]}}
            body = {"changes": changes, "silent": True, "updated": saved}
            self.pim.post(path, json=body).raise_for_status()
        self.reconcile(full=True)

    def reconcile(self, *, full: bool) -> None:
        """Sweep by the command's own way."""
        asyncio.run(run_reconcile(self.settings, ReconcileRequest(full=full)))

    def label(self, text: str) -> None:
        """Give the option another label."""
        path = f"/_simulator/structure/options/{OPTION}?parent={ATTRIBUTE}"
        body = {"changes": {"labels": {"en_US": text}}, "silent": True}
        self.pim.post(path, json=body).raise_for_status()

    def tell(self) -> None:
        """Deliver the platform's event of the option."""
        thing = {"code": OPTION, "attribute": {"code": ATTRIBUTE}}
        event = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": "akeneo-event-platform",
            "type": f"{PREFIX}attribute-option.updated",
            "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "data": {"attribute_option": thing},
        }
        body = json.dumps(event).encode()
        headers = {PRIMARY_HEADER: sign_body(SECRET, body)}
        with served_receiver(self.store, EVENT_PLATFORM_PATH) as url:
            httpx.post(url, content=body, headers=headers, timeout=60).raise_for_status()

    def follow(self, text: str, way: Callable[[], None]) -> Followed:
        """Change the label, go this way, and look what came of it.

        Raises:
            SystemExit: not every document followed, or a product was read.
        """
        with self.store.read() as tx:
            _, position = read_bounds(tx)
        self.label(text)
        self.pim.delete("/_simulator/requests").raise_for_status()
        began = time.perf_counter()
        way()
        seconds = time.perf_counter() - began
        calls = self.pim.get("/_simulator/requests").json()["calls"]
        reads = sum(each["count"] for each in calls if f"{API}/products-uuid/" in each["path"])
        with self.store.read() as tx:
            rows = read_changes(tx, after=position, limit=10**6)
            documents = [each.document or "" for each in export_products(tx)]
        followed = sum(text in each for each in documents)
        named = sum(row.op == "rendered" and row.cause == CAUSE for row in rows)
        if followed != len(documents) or named != len(documents) or len(rows) != named or reads:
            raise SystemExit(
                f"{followed} of {len(documents)} documents followed, {named} of {len(rows)} change "
                f"rows name the option, {reads} products were read"
            )
        total = sum(each["count"] for each in calls)
        return Followed(seconds, followed, named, reads, total)

    async def render_barely(self) -> float:
        """Render every document and write it as JSON; answer the seconds."""
        cause = Cause("bench", RunId(str(uuid4())))
        async with open_session(
            self.settings, self.store, kind=CallerKind.SWEEP, cause=cause
        ) as session:
            with self.store.read() as tx:
                stored = read_renderings(tx, [each.key for each in export_products(tx)])
            began = time.perf_counter()
            products = [
                parse_product(each.source, identity=Identity.UUID, main_identifier="sku")
                for each in stored
            ]
            for each in (await session.catalog.render(products)).values():
                dump_json(each.document.body)
            return time.perf_counter() - began


def measure(products: int, rounds: int) -> dict[str, object]:
    """All figures of one run."""
    config = SimulatorConfig(port=0, products=products, app_token=TOKEN)
    with simulated_pim(config) as pim_url, tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            {
                "AKENEO_BASE_URL": pim_url,
                "AKENEO_ACCESS_TOKEN": TOKEN,
                "AKENEO_EVENT_PLATFORM_SECRETS": SECRET,
                "AKENEO_WEBHOOK_SECRETS": SECRET,
                "SYNC_DATABASE_URL": f"sqlite:///{folder}/store.db",
                "SYNC_LINGER_SECONDS": "0",
                "SYNC_PACE_SECONDS": "0",
                "SYNC_BUSY_TIMEOUT_SECONDS": "60",  # however slow the machine
            },
            root=Path(folder),
        )
        migrate(settings.database_url)
        busy = timedelta(seconds=30)
        with (
            closing(open_store(settings.database_url, busy_timeout=busy)) as store,
            httpx.Client(base_url=pim_url, timeout=_TIMEOUT_SECONDS) as pim,
        ):
            bench = Bench(settings, store, pim)
            bench.give_option()
            limits, events, deltas = [], [], []
            for number in range(rounds):
                limits.append(asyncio.run(bench.render_barely()))
                bench.tell()
                events.append(bench.follow(f"Event {number}", lambda: _drain(settings)))
                deltas.append(bench.follow(f"Delta {number}", lambda: bench.reconcile(full=False)))
    limit = statistics.median(limits)
    return {
        "products": products,
        "limit_seconds": round(limit, 2),
        "ratio_event": _ratio(events, limit),
        "ratio_delta": _ratio(deltas, limit),
        "event": [asdict(each) for each in events],
        "delta": [asdict(each) for each in deltas],
    }


def _drain(settings: Settings) -> None:
    drain(settings)


def _ratio(turns: list[Followed], limit: float) -> float:
    return round(statistics.median(each.seconds for each in turns) / limit, 2)


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--products", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    asked = parser.parse_args()
    figures = measure(asked.products, asked.rounds)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    print(
        f"another label of an option that {asked.products:,} products use: all documents show it, "
        f"all change rows name it, no product is read; {figures['ratio_event']} x the time of "
        f"rendering them by an event, {figures['ratio_delta']} x by a delta"
    )


if __name__ == "__main__":
    main()
