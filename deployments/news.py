"""A line now and then that says what has just happened in the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage import Store
from storage.status import Status, read_status

SOURCE_FAILING = "source-failing"  # has lines of its own


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What news are made of: counts now, and event outcomes since the snapshot before."""

    at: datetime
    live: int = 0
    deleted: int = 0
    due: int = 0
    dead: int = 0
    held: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    alarms: Mapping[str, str] = field(default_factory=dict)
    source_problem: str | None = None


def take_snapshot(store: Store, *, since: datetime, now: datetime) -> Snapshot:
    """Read the store; outcomes are those settled after `since`."""
    with store.read() as tx:
        status = read_status(tx, now=now, since=since)
    return _snapshot(status, now)


def describe_news(before: Snapshot, after: Snapshot) -> list[str]:
    """Return the lines that tell what changed between two snapshots; none if nothing did."""
    lines = [f"ALARM {text}" for name, text in after.alarms.items() if name not in before.alarms]
    lines += [f"alarm over: {text}" for n, text in before.alarms.items() if n not in after.alarms]
    if after.source_problem and not before.source_problem:
        lines.append(f"the PIM fails, tried again by itself: {after.source_problem}")
    if before.source_problem and not after.source_problem:
        lines.append("the PIM answers again")
    parts = [f"{count} {name}" for name, count in sorted(after.outcomes.items()) if count]
    moved = (before.live, before.deleted) != (after.live, after.deleted)
    if parts or moved:
        events = f"events: {', '.join(parts)}; " if parts else ""
        lines.append(f"{events}{_describe_store(after)}; {_describe_inbox(after)}")
    return lines


def _describe_store(now: Snapshot) -> str:
    deleted = f" ({now.deleted} deleted)" if now.deleted else ""
    return f"{now.live} product{'s' * (now.live != 1)} in the store{deleted}"


def _describe_inbox(now: Snapshot) -> str:
    parts = [f"{now.due} due"] if now.due else ["inbox empty"]
    parts += [f"{now.dead} dead letters"] * bool(now.dead)
    parts += [f"{now.held} held for `approve`"] * bool(now.held)
    return ", ".join(parts)


def _snapshot(status: Status, now: datetime) -> Snapshot:
    breaker = status.breaker
    return Snapshot(
        at=now,
        live=status.products.live,
        deleted=status.products.tombstones,
        due=status.inbox.due,
        dead=status.inbox.dead,
        held=status.products.held_deletions,
        outcomes=dict(status.outcomes),
        alarms={need.name: need.text for need in status.needs if need.name != SOURCE_FAILING},
        source_problem=(breaker.reason or "no reason known") if breaker.failing_since else None,
    )
