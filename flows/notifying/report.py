"""Report of one run of `notify-shops`, and how an operator reads it: pure."""

from dataclasses import dataclass, field
from datetime import datetime

from flows.run import format_span, table_cell


@dataclass(slots=True)
class Notified:
    """What one webhook was sent. `problem`: of its last request; `next_at`: when it comes again."""

    requests: int = 0
    changes: int = 0
    position: int | None = None
    problem: str | None = None
    next_at: datetime | None = None
    is_off: bool = False
    stood_by: str | None = None

    def outcome(self, now: datetime) -> str:
        """Say how it ended, in a few words."""
        if self.is_off:
            return f"switched off: {self.problem}"
        if self.problem is not None and self.next_at is not None:
            return f"next try in {format_span(self.next_at - now)}: {self.problem}"
        return self.stood_by or "confirmed"


@dataclass(slots=True)
class NotifyReport:
    """One run. `skipped`: why nothing was to be done; `is_cut`: its time was over before the end.

    `ended_at` is when it ended, by which the next tries are told.
    """

    ended_at: datetime
    webhooks: dict[str, Notified] = field(default_factory=dict)
    skipped: str | None = None
    is_cut: bool = False

    @property
    def problems(self) -> list[str]:
        """A line for each webhook whose last request was not confirmed."""
        return [
            f"{name}: {each.outcome(self.ended_at)}"
            for name, each in sorted(self.webhooks.items())
            if each.problem is not None
        ]

    def summary(self) -> str:
        """One line: `120 changes to webshop; search: next try in 5 min 0 s: it answered 500`."""
        if self.skipped is not None:
            return self.skipped
        sent = [
            f"{each.changes:,} change{'s' * (each.changes != 1)} to {name}"
            for name, each in sorted(self.webhooks.items())
            if each.changes
        ]
        cut = ["the rest is the next run's"] * self.is_cut
        return "; ".join([", ".join(sent) or "nothing was confirmed", *self.problems, *cut])


def describe_notifying(report: NotifyReport) -> str:
    """The artifact of a run, in markdown."""
    lines = [f"## {table_cell(report.summary())}", ""]
    lines += ["| webhook | requests | changes confirmed | position | how it ended |"]
    lines += ["|---|---|---|---|---|"]
    lines += [
        f"| {table_cell(name)} | {each.requests:,} | {each.changes:,} | {each.position or ''} "
        f"| {table_cell(each.outcome(report.ended_at))} |"
        for name, each in sorted(report.webhooks.items())
    ]
    return "\n".join(lines)
