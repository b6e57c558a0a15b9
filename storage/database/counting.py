"""Counts of a transaction: figures that are true because they commit with what they count.

They are gathered on the transaction and written once, at its end, in key order: however much a
transaction counts, the figures' rows are locked last and for a moment, and two transactions wait
for them in the same order.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from sqlalchemy import ClauseElement

from storage.database.sql import Insert, KeptStatement
from storage.tables import MetricRow, table_of

Figure: TypeAlias = tuple[str, str]
"""A figure's name and its label values, joined by commas (none of them holds one)."""

_METRIC = table_of(MetricRow)


def count_rows(counts: Mapping[Figure, float]) -> list[dict[str, Any]]:
    """Give the rows to add to the figures, in the order of their keys; of nothing there is none."""
    return [
        {"name": name, "labels": labels, "value": value}
        for (name, labels), value in sorted(counts.items())
        if value
    ]


def _add(insert: Insert) -> ClauseElement:
    return insert.on_conflict_do_update(
        index_elements=[_METRIC.c.name, _METRIC.c.labels],
        set_={"value": _METRIC.c.value + insert.excluded.value},
    )


ADD_COUNTS = KeptStatement(_METRIC, _add)
"""Adds to the figures; a figure that nobody has counted yet begins."""
