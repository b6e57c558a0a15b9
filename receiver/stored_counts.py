"""The figures that the store adds up, as counters and histograms."""

from collections.abc import Iterable, Mapping, Sequence

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

from receiver.histogram import cumulated
from storage.counting import Figure
from storage.figures import BEYOND

Labels = tuple[str, ...]


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
            family.add_metric(each, cumulated(names, counts), sums.get(each, 0.0))
        return family

    def _of(self, figure: str) -> dict[Labels, float]:
        return {
            tuple(labels.split(",")) if labels else (): value
            for (name, labels), value in self._counts.items()
            if name == figure
        }
