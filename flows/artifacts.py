"""What an operator reads of a run without opening a log: pure."""

from datetime import timedelta

from flows.drain import DrainReport
from flows.safe_markdown import code, table_cell
from pim.vocabulary import Outcome

MEANINGS = {
    Outcome.APPLIED: "the product was written, or a variant of the model",
    Outcome.UNCHANGED: "the store already held what the source shows",
    Outcome.OUTDATED: "older than what the store holds",
    Outcome.COVERED: "the stored read began after the event had been received",
    Outcome.COALESCED: "settled together with a newer event of its product or model",
    Outcome.GONE: "the source does not have the product or model any more",
    Outcome.FILTERED: "about something that is not mirrored",
    Outcome.DEAD: "given up; see below, and `akeneo-sync replay`",
}
MOST_LETTERS = 20


def summarize_drain(report: DrainReport) -> str:
    """One line for the run's name and state: `37 events: 35 applied, 2 gone`."""
    total = report.total
    parts = [f"{count} {outcome}" for outcome, count in total.outcomes.most_common()]
    parts += [f"{total.held} held"] * bool(total.held)
    parts += [f"{total.deferred} deferred"] * bool(total.deferred)
    parts += [f"{report.buried} buried"] * bool(report.buried)
    if not parts:
        return f"no events settled: {report.ended_because}"
    return f"{report.events} event{'s' * (report.events != 1)}: {', '.join(parts)}"


def describe_drain(report: DrainReport) -> str:
    """The artifact of a drain, in markdown."""
    total = report.total
    lines = [f"## {table_cell(summarize_drain(report))}", ""]
    if report.predecessor is not None:
        gone = report.predecessor
        taken = f"{gone.taken_over} of its events were unsettled and are due again."
        name = f"run {code(gone.run_name)} ({code(gone.run_id)}), whose lease had lapsed"
        lines += [f"**Took over from** {name}: {taken}", ""]
    lines += ["| outcome | events | meaning |", "|---|---|---|"]
    lines += [f"| {o} | {n} | {MEANINGS[o]} |" for o, n in total.outcomes.most_common()]
    lines += [f"| held | {total.held} | deletions that wait for `akeneo-sync approve` |"] * bool(
        total.held
    )
    lines += [f"| deferred | {total.deferred} | failed alone; tried again later |"] * bool(
        total.deferred
    )
    products = ", ".join(f"{count} {what}" for what, count in sorted(total.written.items()))
    lines += [
        "",
        f"- Products, variants of models included: {products or 'none touched'}",
        f"- Chunks: {report.chunks}",
        f"- Longest wait of an event before it was taken: {format_span(report.oldest_wait)}",
        f"- Ended because {table_cell(report.ended_because)}",
    ]
    if total.dead:
        lines += ["", "### Dead letters", "", "| event | product | reason |", "|---|---|---|"]
        lines += [
            f"| {code(each.event_id)} | {table_cell(each.product)} | {table_cell(each.reason)} |"
            for each in total.dead[:MOST_LETTERS]
        ]
        lines += [f"\nand {len(total.dead) - MOST_LETTERS} more"] * (len(total.dead) > MOST_LETTERS)
    return "\n".join(lines)


def format_span(span: timedelta) -> str:
    """A duration as a person says it: `0.8 s`, `3 min 20 s`, `2 h 5 min`."""
    seconds = max(0.0, span.total_seconds())
    minutes, hours = int(seconds // 60), int(seconds // 3600)
    if hours:
        return f"{hours} h {minutes % 60} min"
    if minutes:
        return f"{minutes} min {int(seconds % 60)} s"
    return f"{seconds:.1f} s"
