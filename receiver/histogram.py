"""From counts a bucket to Prometheus' running totals: pure."""

from collections.abc import Sequence
from itertools import accumulate


def cumulated(bounds: Sequence[str], counts: Sequence[float]) -> list[tuple[str, float]]:
    """Give each bound with all observations up to it; `counts` has one more, for those beyond."""
    return list(zip([*bounds, "+Inf"], accumulate(counts), strict=True))
