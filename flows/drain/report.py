"""Report of a drain: how the events of its chunks ended, and how an operator reads it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from flows.run import Calls, as_code, format_span, table_cell
from pim.vocabulary import CallCause, Outcome
from storage.inbox import Predecessor, Settlement

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
CALLS_FOR = {
    CallCause.EVENT: "what events name; a `product` by itself is one that the search did not show",
    CallCause.REFERRER: "whose associations pointed to what is gone, or were made at the other end",
    CallCause.NEIGHBOUR: "the neighbours of what is absent and nobody announced",
    CallCause.AGAIN: "what was read while another read of it was stored",
    CallCause.NAME: "whose an identifier is that the store does not know",
    CallCause.LABELS: "labels that the mirror lacked",
    CallCause.PROBE: "whether the PIM works, and what it is",
    CallCause.LOGIN: "tokens",
    CallCause.SWEEP: "what sweeps compare",
}
MOST_LETTERS = 20


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that this run gave up on."""

    event_id: str
    product: str
    reason: str


@dataclass(slots=True)
class ChunkOutcome:
    """How the events of one or more chunks ended."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    held: int = 0
    deferred: int = 0
    dead: list[DeadLetter] = field(default_factory=list)

    def count(self, settlements: Iterable[Settlement]) -> None:
        """Count events that were settled."""
        self.outcomes.update(settlement.outcome for settlement in settlements)

    def add(self, other: "ChunkOutcome") -> None:
        """Add another chunk's outcome to this one."""
        self.outcomes += other.outcomes
        self.written += other.written
        self.held += other.held
        self.deferred += other.deferred
        self.dead += other.dead


@dataclass(slots=True)
class DrainReport:
    """What one drain did; `oldest_wait` is the longest an event had waited when it was taken.

    `calls`: those to the PIM, counted on while the drain is at work.
    """

    opened: bool = False
    total: ChunkOutcome = field(default_factory=ChunkOutcome)
    events: int = 0
    chunks: int = 0
    buried: int = 0
    oldest_wait: timedelta = timedelta(0)
    predecessor: Predecessor | None = None
    calls: Calls = field(default_factory=Counter)
    ended_because: str = "nothing was due any more"


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
        name = f"run {as_code(gone.run_name)} ({as_code(gone.run_id)}), whose lease had lapsed"
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
    lines += _describe_calls(report.calls)
    if total.dead:
        lines += ["", "### Dead letters", "", "| event | product | reason |", "|---|---|---|"]
        lines += [
            f"| {as_code(each.event_id)} | {table_cell(each.product)} | {table_cell(each.reason)} |"
            for each in total.dead[:MOST_LETTERS]
        ]
        lines += [f"\nand {len(total.dead) - MOST_LETTERS} more"] * (len(total.dead) > MOST_LETTERS)
    return "\n".join(lines)


def _describe_calls(calls: Calls) -> list[str]:
    if not calls:
        return []
    head = ["", f"### {calls.total()} calls to the PIM", "", "| for | asked for | calls |"]
    rows = [f"| {CALLS_FOR[cause]} | {kind} | {n} |" for (cause, kind), n in calls.most_common()]
    return [*head, "|---|---|---|", *rows]
