"""What an operator reads of a reconcile: pure."""

from datetime import timedelta

from flows.artifacts import format_span
from flows.report import MOST_LISTED, ReconcileReport
from flows.safe_markdown import code, table_cell
from pim.vocabulary import Drift

MEANINGS = {
    Drift.MISSING: "the PIM has it, the store had not",
    Drift.OUTDATED: "the PIM's is newer: its event did not come, or not yet",
    Drift.DIFFERENT: "same `updated`, other content: a change that raises no event",
    Drift.ORPHAN: "the store had it, the PIM has it no more",
    Drift.REWOUND: "the PIM went back to an older state",
}


def describe_reconcile(report: ReconcileReport) -> str:
    """The artifact of a reconcile, in markdown."""
    lines = [f"## {table_cell(report.summary())}", ""]
    if report.drift:
        lines += ["| drift | family | products | meaning |", "|---|---|---|---|"]
        lines += [
            f"| {drift} | {table_cell(family)} | {count} | {MEANINGS[drift]} |"
            for (drift, family), count in sorted(report.drift.items())
        ]
        lines.append("")
    lines += [f"- {kind}: {count} changed" for kind, count in sorted(report.structure.items())]
    lines += _figures(report)
    lines += [f"- Note: {table_cell(note)}" for note in report.all_notes()]
    if report.held:
        lines.append(f"- {report.held} deletions wait for `akeneo-sync approve`")
    return "\n".join([*lines, *_listed(report), *_failed(report)])


def _figures(report: ReconcileReport) -> list[str]:
    oldest = f"- The store had been behind for up to {format_span(report.oldest or timedelta(0))}"
    return [
        *([oldest] if report.oldest is not None else []),
        f"- Repaired: {'nothing, dry run' if report.dry_run else report.repaired}",
        f"- Documents rendered again: {report.rendered}",
        f"- Calls to the PIM: {report.calls}",
        f"- Took: {format_span(timedelta(seconds=report.seconds))}",
    ]


def _listed(report: ReconcileReport) -> list[str]:
    if not report.listed:
        return []
    total = sum(report.drift.values())
    title = f"### The first {MOST_LISTED} of {total}" if total > MOST_LISTED else "### Products"
    rows = [
        f"| {each.drift} | {table_cell(each.identifier or '')} | {code(each.key)} |"
        for each in report.listed
    ]
    return ["", title, "", "| drift | identifier | key |", "|---|---|---|", *rows]


def _failed(report: ReconcileReport) -> list[str]:
    if not report.failed:
        return []
    rows = [
        f"| {code(key)} | {table_cell(reason)} |" for key, reason in report.failed[:MOST_LISTED]
    ]
    return ["", "### Could not be read", "", "| product | reason |", "|---|---|", *rows]
