"""The store's part of `/metrics` in Prometheus' terms: the same from every receiver.

A family is given even while it has no sample: what can be watched is seen before it happens.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, product

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from pim.vocabulary import Drift, Outcome
from storage import figures
from storage.database import Figure
from storage.figures import BEYOND
from storage.state import SweepView
from storage.views import Metrics

Labels = tuple[str, ...]

_MODES = ("full", "delta")


def cumulate_counts(bounds: Sequence[str], counts: Sequence[float]) -> list[tuple[str, float]]:
    """Give each bound with all observations up to it; `counts` has one more, for those beyond."""
    return list(zip([*bounds, "+Inf"], accumulate(counts), strict=True))


class Counted:
    """Gives families of the store's counts.

    `known`: label values that are given as 0 before anything of them was counted, so that the
    first increase is seen as one.
    """

    def __init__(self, counts: Mapping[Figure, float]) -> None:
        self._counts = counts

    def counter(
        self,
        name: str,
        text: str,
        figure: str,
        labels: Sequence[str],
        known: Iterable[Labels] = (),
    ) -> Metric:
        """Give a counter; `name` without prefix and `_total`."""
        family = CounterMetricFamily(f"akeneo_sync_{name}", text, labels=labels)
        values = dict.fromkeys(known, 0.0) | self._of(figure)
        for each, value in sorted(values.items()):
            family.add_metric(each, value)
        return family

    def histogram(
        self,
        name: str,
        text: str,
        figure: str,
        bounds: Sequence[float],
        *,
        labels: Sequence[str] = (),
        known: Iterable[Labels] = (),
    ) -> Metric:
        """Give a histogram; the store counts each observation in its own bucket only."""
        family = HistogramMetricFamily(f"akeneo_sync_{name}", text, labels=labels)
        in_bucket, sums = self._of(figure), self._of(f"{figure}_sum")
        names = [f"{bound:g}" for bound in bounds]
        for each in sorted({*known, *sums}):
            counts = [in_bucket.get((*each, bound), 0.0) for bound in (*names, BEYOND)]
            family.add_metric(each, cumulate_counts(names, counts), sums.get(each, 0.0))
        return family

    def _of(self, figure: str) -> dict[Labels, float]:
        return {
            tuple(labels.split(",")) if labels else (): value
            for (name, labels), value in self._counts.items()
            if name == figure
        }


def store_families(metrics: Metrics) -> Iterator[Metric]:
    """Give everything that the store knows."""
    yield from _inbox(metrics)
    yield from _products(metrics)
    yield from _source(metrics)
    yield from _runs(metrics)
    yield from _webhooks(metrics)
    yield _gauge("store_bytes", "Size of the store's database", [], [([], metrics.size_bytes)])


def _inbox(metrics: Metrics) -> Iterator[Metric]:
    counted = Counted(metrics.counts)
    states = {
        "due": metrics.due,
        "waiting": metrics.put_off,
        "held": metrics.held,
        "dead": metrics.dead,
    }
    yield _gauge(
        "inbox_events",
        "Events that are not settled (due, put off, held for approval), and dead letters",
        ["state"],
        [([state], count) for state, count in states.items()],
    )
    yield _gauge(
        "inbox_oldest_due_seconds",
        "How long the oldest due event has waited; 0: none is due",
        [],
        [([], metrics.oldest_due_seconds)],
    )
    yield counted.counter(
        "settled_events",
        "Events settled, by outcome",
        figures.OUTCOMES,
        ["outcome"],
        [(outcome.value,) for outcome in Outcome],
    )
    yield counted.counter(
        "replayed_events", "Dead letters made due again by an operator", figures.REPLAYED, [], [()]
    )
    yield counted.counter(
        "refused_deliveries",
        "Deliveries refused by all receivers",
        figures.REFUSALS,
        ["reason"],
    )
    yield counted.histogram(
        "freshness_seconds",
        "Seconds from a delivery to the commit of the product it told of, of applied events",
        figures.FRESHNESS,
        figures.FRESHNESS_BUCKETS,
        known=[()],
    )


def _products(metrics: Metrics) -> Iterator[Metric]:
    counted = Counted(metrics.counts)
    yield _gauge(
        "products",
        "Products in the store",
        ["state"],
        [
            ([state], metrics.counts.get((figures.PRODUCTS, state), 0))
            for state in (figures.LIVE, figures.TOMBSTONE)
        ],
    )
    yield counted.counter(
        "product_changes", "Changes of products committed", figures.CHANGES, ["op"]
    )
    yield _gauge(
        "held_deletions",
        "Deletions that wait for a person (`akeneo-sync approve`)",
        [],
        [([], metrics.held_deletions)],
    )
    yield _gauge(
        "open_catalog_marks",
        "Changed options, categories and the like whose users are not all rendered again",
        [],
        [([], metrics.marks_open)],
    )


def _source(metrics: Metrics) -> Iterator[Metric]:
    counted = Counted(metrics.counts)
    breaker = metrics.breaker
    yield counted.counter(
        "pim_calls",
        "Calls to the PIM that ended, by what was asked for and HTTP status",
        figures.CALLS,
        ["kind", "status"],
    )
    yield counted.counter(
        "pim_calls_by_cause",
        "Calls to the PIM that ended, by what they were made for and what was asked for",
        figures.CALL_CAUSES,
        ["cause", "kind"],
    )
    yield counted.histogram(
        "pim_call_seconds",
        "Seconds that a call to the PIM took",
        figures.CALL_SECONDS,
        figures.CALL_BUCKETS,
        labels=["kind"],
    )
    yield _gauge(
        "source_blocked",
        "1 while the PIM is left alone because it fails",
        [],
        [([], breaker.blocked)],
    )
    yield _gauge(
        "source_failing_since_timestamp_seconds",
        "Since when the PIM fails; no sample while it does not",
        [],
        _instants([([], breaker.failing_since)]),
    )


def _runs(metrics: Metrics) -> Iterator[Metric]:
    counted = Counted(metrics.counts)
    yield _gauge("drain_open", "1 while a drain is open", [], [([], metrics.door.open)])
    yield _gauge(
        "drain_held",
        "1 while the open drain's lease lives: somebody is at work",
        [],
        [([], metrics.door.alive)],
    )
    yield from _sweeps(metrics)
    yield counted.counter(
        "runs",
        "Ended runs of reconcile and housekeeping, by state",
        figures.RUNS,
        ["flow", "state"],
        [*product(("housekeeping", "reconcile"), ("done", "failed"))],
    )
    yield counted.counter(
        "run_seconds", "Seconds that these runs took", figures.RUN_SECONDS, ["flow"]
    )
    yield counted.counter(
        "drift",
        "Differences between store and PIM that reconciles found",
        figures.DRIFT,
        ["mode", "drift"],
        [(mode, drift.value) for mode, drift in product(_MODES, Drift)],
    )
    yield _gauge(
        "alarm",
        "1 for each thing that needs a person, as in `akeneo-sync status`",
        ["name"],
        [([name], 1) for name in sorted({alarm.name for alarm in metrics.needs})],
    )


def _webhooks(metrics: Metrics) -> Iterator[Metric]:
    counted = Counted(metrics.counts)
    yield counted.counter(
        "webhook_requests",
        "Requests to shops' webhooks, by what became of them",
        figures.WEBHOOK_REQUESTS,
        ["result"],
        [(figures.CONFIRMED,), (figures.FAILED,)],
    )
    yield _gauge(
        "webhook_lag_seconds",
        "How long the oldest change that a webhook has not confirmed waits; 0: none does",
        ["webhook"],
        [([name], seconds) for name, seconds in sorted(metrics.webhook_lags.items())],
    )


def _sweeps(metrics: Metrics) -> Iterator[Metric]:
    def gauge(name: str, text: str, of: Callable[[SweepView], float | None]) -> Metric:
        values = [(sweep.name, of(sweep)) for sweep in metrics.sweeps]
        samples = [([sweep], value) for sweep, value in values if value is not None]
        return _gauge(f"sweep_{name}", text, ["sweep"], samples)

    def lag(sweep: SweepView) -> float | None:
        mark = sweep.watermark
        return None if mark is None else (metrics.read_at - mark).total_seconds()

    yield gauge("running", "1 while a sweep is under way", lambda sweep: sweep.running)
    yield gauge(
        "finished_timestamp_seconds",
        "When a sweep was last completed",
        lambda sweep: None if sweep.finished_at is None else sweep.finished_at.timestamp(),
    )
    yield gauge("seconds", "How long the last completed sweep took", _sweep_seconds)
    yield gauge("watermark_lag_seconds", "How far behind now everything has been seen up to", lag)


def _sweep_seconds(sweep: SweepView) -> float | None:
    began, ended = sweep.started_at, sweep.finished_at
    if began is None or ended is None or ended < began:  # the next one has begun
        return None
    return (ended - began).total_seconds()


def _gauge(
    name: str, text: str, labels: Sequence[str], samples: Iterable[tuple[Sequence[str], float]]
) -> Metric:
    family = GaugeMetricFamily(f"akeneo_sync_{name}", text, labels=labels)
    for values, value in samples:
        family.add_metric(values, float(value))
    return family


def _instants(
    samples: Iterable[tuple[Sequence[str], datetime | None]],
) -> list[tuple[Sequence[str], float]]:
    return [(labels, instant.timestamp()) for labels, instant in samples if instant is not None]
