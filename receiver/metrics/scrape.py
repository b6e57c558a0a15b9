"""`GET /metrics`: this receiver's own figures, and the store's, read aside.

A scrape costs the store one snapshot, at most once a second however many ask; it is read in the
reader's thread, so that no delivery waits for it. Without the store the receiver's own figures are
answered, for they are wanted most then.
"""

import asyncio
import platform
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from importlib.metadata import version
from typing import Protocol, TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from receiver.answers import Answer, Receipt
from receiver.config import ReceiverConfig
from receiver.connections import Connections
from receiver.metrics.store_figures import cumulate_counts, store_families
from receiver.refusals import SlowAnswers
from storage import StoreError, Transaction
from storage.views import Metrics, read_metrics

ACKNOWLEDGED = 200
BUCKETS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0)
"""Seconds. The budget is 0.05 for 99 of 100, and the PIM hangs up after 0.5."""

T = TypeVar("T")

PATIENCE_SECONDS = 2.0
"""How long a scrape waits for the store; Prometheus gives up after 10 s by default."""


class OwnFigures:
    """Counts of one receiver since its start; used on the event loop only."""

    def __init__(self, slow: SlowAnswers, connections: Connections) -> None:
        self._slow = slow
        self._connections = connections
        self._deliveries: Counter[tuple[str, str, str]] = Counter()
        self._events: Counter[str] = Counter()
        self._in_bucket: Counter[int] = Counter()
        self._seconds = 0.0

    async def timed(self, channel: str, answering: Awaitable[Answer]) -> Answer:
        """Await the answer to a delivery, and count both."""
        began = time.perf_counter()
        try:
            answer = await answering
        except Exception:
            self._deliveries[channel, "500", "failed"] += 1
            raise
        self.answered(channel, answer, time.perf_counter() - began)
        return answer

    def answered(self, channel: str, answer: Answer, seconds: float) -> None:
        """Count an answer."""
        self._deliveries[channel, str(answer.status_code), answer.reason] += 1
        if answer.status_code != ACKNOWLEDGED:
            return
        if answer.receipt is not None:
            self._events.update(answer.receipt.model_dump())
        self._in_bucket[bisect_left(BUCKETS, seconds)] += 1
        self._seconds += seconds
        self._slow.note(seconds)

    def families(self) -> Iterator[Metric]:
        """Give the counts in Prometheus' terms."""
        deliveries = CounterMetricFamily(
            "akeneo_sync_deliveries",
            "Deliveries that this receiver answered",
            labels=["channel", "status", "reason"],
        )
        for labels, count in sorted(self._deliveries.items()):
            deliveries.add_metric(labels, count)
        events = CounterMetricFamily(
            "akeneo_sync_delivered_events",
            "Events in the deliveries that this receiver acknowledged",
            labels=["receipt"],
        )
        for receipt in Receipt.model_fields:
            events.add_metric([receipt], self._events[receipt])
        bounds = [f"{bound:g}" for bound in BUCKETS]
        seconds = HistogramMetricFamily(
            "akeneo_sync_acknowledgement_seconds",
            "Seconds from the head of a delivery to its answer, of those answered 200",
            buckets=cumulate_counts(bounds, [self._in_bucket[n] for n in range(len(BUCKETS) + 1)]),
            sum_value=self._seconds,
        )
        return iter((deliveries, events, seconds, *self._connection_families()))

    def _connection_families(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "akeneo_sync_connections", "Connections that are open", value=len(self._connections)
        )
        closed = CounterMetricFamily(
            "akeneo_sync_connections_closed_for_room",
            "Connections closed because there were too many, by what they waited for",
            labels=["waited_for"],
        )
        for stage, count in self._connections.closed.items():
            closed.add_metric([stage], count)
        yield closed


class Reader(Protocol):
    """The way to the store."""

    @property
    def waiting(self) -> int:
        """How many writes wait."""
        ...

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in a read-only transaction, aside; raises StoreError."""
        ...

    async def check(self) -> None:
        """Try a write, as `/readyz` does; raises StoreError within a second."""
        ...


class Scrape(Collector):
    """Answers scrapes; belongs to one event loop. `clock` is monotonic, in seconds."""

    def __init__(
        self,
        config: ReceiverConfig,
        *,
        reader: Reader,
        own: OwnFigures,
        database: str,
        clock: Callable[[], float] = time.monotonic,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._config = config
        self._reader = reader
        self._patience = patience_seconds
        self._own = own
        self._build = {
            "version": version("akeneo-sync"),
            "python": platform.python_version(),
            "database": database,
        }
        self._clock = clock
        self._turn = asyncio.Lock()
        self._text = b""
        self._fresh_until = float("-inf")
        self._reading: asyncio.Task[Metrics] | None = None
        self._unwritable: str | None = None
        self._families: tuple[Metric, ...] = ()
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    async def text(self) -> bytes:
        """Give the figures in Prometheus' text format, at most `scrape_seconds` old."""
        async with self._turn:
            if self._clock() >= self._fresh_until:
                self._families = tuple(self._all(await self._read()))
                self._text = await asyncio.to_thread(generate_latest, self._registry)
                self._fresh_until = self._clock() + self._config.scrape_seconds
            return self._text

    def collect(self) -> Iterator[Metric]:
        """Give the registry what was gathered last."""
        return iter(self._families)

    async def _read(self) -> Metrics | None:
        """Read the store's figures; None if it does not answer now."""
        if self._reading is None:  # else the one before still waits for the store
            self._unwritable = await self._try_write()
            work = partial(read_metrics, now=self._config.clock(), unwritable=self._unwritable)
            self._reading = asyncio.create_task(self._reader.read(work), name="scrape")
        await asyncio.wait({self._reading}, timeout=self._patience)
        if not self._reading.done():
            return None
        read, self._reading = self._reading, None
        try:
            return read.result()
        except StoreError:
            return None  # `akeneo_sync_store_up` says so

    async def _try_write(self) -> str | None:
        """Say why the store takes no write; None: it does."""
        try:
            await self._reader.check()
        except StoreError as error:
            return str(error)
        return None

    def _all(self, metrics: Metrics | None) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "akeneo_sync_store_up",
            "1 if the store answered this scrape; else it has no figures of the store",
            value=float(metrics is not None),
        )
        yield GaugeMetricFamily(
            "akeneo_sync_store_writable",
            "1 if the store took a write at this scrape; else deliveries are refused",
            value=float(metrics is not None and self._unwritable is None),
        )
        yield InfoMetricFamily(
            "akeneo_sync_build",
            "What runs here",
            value=self._build,
        )
        yield GaugeMetricFamily(
            "akeneo_sync_waiting_writes",
            "Deliveries that this receiver keeps in memory until the store takes them",
            value=self._reader.waiting,
        )
        yield from self._own.families()
        if metrics is not None:
            yield from store_families(metrics)
