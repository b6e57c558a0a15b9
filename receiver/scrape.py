"""`GET /metrics`: what the store knows, read aside, and what this receiver knows of itself.

A scrape costs the store one snapshot, at most once a second however many ask; it is read in the
reader's thread, so that no delivery waits for it. Without the store the receiver's own figures are
answered, for they are wanted most then.
"""

import asyncio
import platform
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from typing import Protocol, TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from receiver.config import ReceiverConfig
from receiver.own_figures import OwnFigures
from receiver.store_figures import store_families
from storage.engine import Transaction
from storage.errors import StoreError
from storage.metrics import Metrics, read_metrics

T = TypeVar("T")

PATIENCE_SECONDS = 2.0
"""How long a scrape waits for the store; Prometheus gives up after 10 s by default."""


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
