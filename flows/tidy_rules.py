"""What housekeeping removes, and when: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from flows.artifacts import format_span
from settings.model import Retention
from storage import Transaction
from storage.retention import (
    Cleaned,
    drop_bodies,
    prune_batches,
    prune_changes,
    prune_events,
    prune_holds,
    prune_marks,
    prune_refusals,
    prune_runs,
)

COMPRESS_AFTER = timedelta(minutes=10)
DELTA = "delta"  # the deployment's name
# Six an hour, 30 kB each: a third of a gigabyte in 90 days. The store keeps their reports anyway.
DELTAS_AFTER = timedelta(days=7)
MARKS_AFTER = timedelta(days=90)  # far longer than any run can last: see `prune_marks`


class Prune(Protocol):
    """One of the store's steps."""

    def __call__(self, tx: Transaction, *, older_than: datetime) -> Cleaned:
        """Work on a few rows older than that."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of thing: what is done with what is older than `after`."""

    name: str
    after: timedelta
    step: Prune | None  # None: bodies are compressed, which is no single transaction


@dataclass(frozen=True, slots=True)
class RunRule:
    """Finished runs of a flow, those of one deployment or all: deleted when older than `after`."""

    flow: str
    deployment: str | None
    after: timedelta

    @property
    def name(self) -> str:
        """Name it for the report."""
        which = f"{self.flow}/{self.deployment}" if self.deployment else self.flow
        return f"runs of {which} deleted"


def list_rules(keep: Retention) -> tuple[Rule, ...]:
    """List what is done, in order. Products, tombstones, dead letters and what is due stay."""
    return (
        Rule("bodies compressed", COMPRESS_AFTER, None),
        Rule("bodies dropped", keep.bodies, drop_bodies),
        Rule("events removed", keep.events, prune_events),
        Rule("deliveries removed", keep.events, prune_batches),
        Rule("changes removed", keep.changes, prune_changes),
        Rule("reports removed", keep.reports, prune_runs),
        Rule("decided deletions removed", keep.reports, prune_holds),
        Rule("refusals removed", keep.reports, prune_refusals),
        Rule("closed catalog marks removed", max(keep.reports, MARKS_AFTER), prune_marks),
    )


def list_run_rules(keep: Retention) -> tuple[RunRule, ...]:
    """List which finished flow runs go, and when."""
    return (
        RunRule("process-inbox", None, keep.drain_runs),
        RunRule("reconcile", DELTA, min(keep.reports, DELTAS_AFTER)),
        RunRule("reconcile", None, keep.reports),
        RunRule("housekeeping", None, keep.reports),
    )


def describe_rules(keep: Retention) -> Mapping[str, str]:
    """Say for each kind when it goes, for the report."""
    ages = {rule.name: rule.after for rule in list_rules(keep)}
    ages |= {rule.name: rule.after for rule in list_run_rules(keep)}
    return {name: f"after {_say_age(age)}" for name, age in ages.items()}


def _say_age(age: timedelta) -> str:
    return f"{age.days} days" if age >= timedelta(days=3) else format_span(age)
