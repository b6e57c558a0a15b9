"""Report of a reconcile, for people."""

from dataclasses import dataclass
from datetime import timedelta

from rich.console import Console

from cli.output import add_row, open_table, printable, say_count, say_span
from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text, texts

# What the words of the report mean to somebody who meets them here first.
_MEANINGS = {
    "missing": "in the PIM, and was not in the store",
    "outdated": "the PIM's was newer: an event did not come, or not yet",
    "different": "other content under the same date: a change without an event",
    "orphan": "in the store, and no more in the PIM",
    "rewound": "the PIM went back to an older state",
}

_LONG_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ReconcileView:
    """A report as stored with its run. `drift`: kind to products; `structure`: kind to items."""

    summary: str
    drift: dict[str, int]
    structure: dict[str, int]
    listed: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    held: int
    calls: int
    took: timedelta

    @property
    def has_drift(self) -> bool:
        """Whether store and source differed in anything."""
        return bool(self.drift or self.structure)


def read_report(report: JsonObject) -> ReconcileView:
    """Take a stored report apart; what is not there counts as nothing."""
    return ReconcileView(
        summary=as_text(report.get("summary")) or "no summary was stored",
        drift=_counts(report.get("drift")),
        structure=_counts(report.get("structure")),
        listed=tuple(
            (str(item["drift"]), str(item.get("identifier") or item.get("key")))
            for item in map(as_object, as_list(report.get("listed")))
        ),
        failed=tuple(
            (str(item["key"]), str(item["reason"]))
            for item in map(as_object, as_list(report.get("failed")))
        ),
        notes=tuple(texts(report.get("notes"))),
        held=int(_number(report.get("held"))),
        calls=int(_number(report.get("calls"))),
        took=timedelta(seconds=_number(report.get("seconds"))),
    )


def drift_rows(view: ReconcileView) -> list[tuple[str, str, str]]:
    """Return the rows of the table: what differed, how many, what that means."""
    products = [(kind, f"{n:,}", _MEANINGS.get(kind, "")) for kind, n in view.drift.items()]
    structure = [
        (kind, f"{n:,}", "labels or structure changed") for kind, n in view.structure.items()
    ]
    return [*products, *structure]


def closing_lines(view: ReconcileView) -> list[str]:
    """Return what stands under the table: examples, notes, and what it cost."""
    lines = []
    if view.listed:
        shown = ", ".join(f"{name} ({kind})" for kind, name in view.listed[:10])
        lines.append(f"for example: {shown}")
    lines += [f"note: {note}" for note in view.notes]
    if view.held:
        lines.append(f"{say_count(view.held, 'deletion')} held: see `akeneo-sync approve`")
    lines += [f"could not be read: {key}: {reason}" for key, reason in view.failed[:10]]
    seconds = view.took.total_seconds()
    took = say_span(view.took) if seconds >= _LONG_SECONDS else f"{seconds:.1f} s"
    return [*lines, f"{say_count(view.calls, 'call')} to the PIM in {took}"]


def _counts(value: JsonValue) -> dict[str, int]:
    return {kind: int(_number(count)) for kind, count in as_object(value).items()}


def _number(value: JsonValue) -> float:
    return value if isinstance(value, int | float) else 0


def show_report(console: Console, view: ReconcileView, *, remark: str | None = None) -> None:
    """Print what differed, and what was done about it."""
    console.print(printable(view.summary), style="bold")
    rows = drift_rows(view)
    if rows:
        table = open_table("drift", "found", "meaning")
        for row in rows:
            add_row(table, *row)
        console.print(table)
    for line in [*closing_lines(view), *([remark] if remark else [])]:
        console.print(printable(line))
