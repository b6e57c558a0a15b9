"""What one receiver knows of itself: deliveries by answer, how long they took, connections."""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from receiver.answers import Answer, Receipt
from receiver.connections import Connections
from receiver.histogram import cumulated
from receiver.seldom import SlowAnswers

ACKNOWLEDGED = 200
BUCKETS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0)
"""Seconds. The budget is 0.05 for 99 of 100, and the PIM hangs up after 0.5."""


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
            buckets=cumulated(bounds, [self._in_bucket[n] for n in range(len(BUCKETS) + 1)]),
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
