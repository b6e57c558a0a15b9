"""Rules of what is removed and when, and their work on the store.

Transactions are small, with pauses in which deliveries get their turn.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from flows.retention.report import Tidied
from flows.run import format_span, in_thread, write_in
from settings import Retention
from storage import Store, Transaction
from storage.retention import (
    StepDone,
    drop_bodies,
    pack_bodies,
    read_raw_bodies,
    remove_batches,
    remove_changes,
    remove_events,
    remove_holds,
    remove_marks,
    remove_refusals,
    remove_runs,
    store_packed,
)

COMPRESS_AFTER = timedelta(minutes=10)
DELTA = "delta"  # the deployment's name
# Six an hour, 30 kB each: a third of a gigabyte in 90 days. The store keeps their reports anyway.
DELTAS_AFTER = timedelta(days=7)
WATCHES_AFTER = timedelta(days=1)  # 480 of them, and what they found is in the store
NOTIFYING_AFTER = timedelta(days=1)  # 1,440 of them; positions and failures are in the store
MARKS_AFTER = timedelta(days=90)  # far longer than any run can last: see `remove_marks`

_PACKED_AT_ONCE = 20
_SHORTEST_PAUSE = 0.005


class Prune(Protocol):
    """One of the store's steps."""

    def __call__(self, tx: Transaction, *, older_than: datetime) -> StepDone:
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
        Rule("events removed", keep.events, remove_events),
        Rule("deliveries removed", keep.events, remove_batches),
        Rule("changes removed", keep.changes, remove_changes),
        Rule("reports removed", keep.reports, remove_runs),
        Rule("decided deletions removed", keep.reports, remove_holds),
        Rule("refusals removed", keep.reports, remove_refusals),
        Rule("closed catalog marks removed", max(keep.reports, MARKS_AFTER), remove_marks),
    )


def list_run_rules(keep: Retention) -> tuple[RunRule, ...]:
    """List which finished flow runs go, and when."""
    return (
        RunRule("process-inbox", None, keep.drain_runs),
        RunRule("reconcile", DELTA, min(keep.reports, DELTAS_AFTER)),
        RunRule("reconcile", None, keep.reports),
        RunRule("housekeeping", None, keep.reports),
        RunRule("watch-subscriptions", None, min(keep.reports, WATCHES_AFTER)),
        RunRule("notify-shops", None, min(keep.reports, NOTIFYING_AFTER)),
    )


def describe_rules(keep: Retention) -> Mapping[str, str]:
    """Say for each kind when it goes, for the report."""
    ages = {rule.name: rule.after for rule in list_rules(keep)}
    ages |= {rule.name: rule.after for rule in list_run_rules(keep)}
    return {name: f"after {_say_age(age)}" for name, age in ages.items()}


def _say_age(age: timedelta) -> str:
    return f"{age.days} days" if age >= timedelta(days=3) else format_span(age)


async def tidy_store(
    store: Store, keep: Retention, *, now: datetime, ends_at: float
) -> Mapping[str, Tidied]:
    """Apply every rule until nothing is left to do, or `ends_at` (of the monotonic clock).

    Raises:
        StoreError: the store takes no writes; what was done stays done.
    """
    done: dict[str, Tidied] = {}
    for rule in list_rules(keep):
        older_than = now - rule.after
        if rule.step is None:
            step = partial(compress_some, store, older_than)
        else:
            step = partial(_in_transaction, store, rule.step, older_than)
        done[rule.name] = await _repeat(step, ends_at)
    return done


async def compress_some(store: Store, older_than: datetime) -> StepDone:
    """Compress a few bodies; the compressing itself happens outside of any transaction."""

    def read_and_pack() -> Callable[[Transaction], StepDone]:
        with store.read() as tx:
            bodies = read_raw_bodies(tx, older_than=older_than, limit=_PACKED_AT_ONCE)
        packed = pack_bodies(bodies)
        return lambda tx: store_packed(tx, packed)

    return await in_thread(store.run, await in_thread(read_and_pack))


async def _in_transaction(store: Store, step: Prune, older_than: datetime) -> StepDone:
    return await write_in(store, step, older_than=older_than)


async def _repeat(step: Callable[[], Awaitable[StepDone]], ends_at: float) -> Tidied:
    """Repeat a step until it finds nothing, resting at least as long as it took."""
    rows = freed = 0
    while time.monotonic() < ends_at:
        began = time.monotonic()
        part = await step()
        rows += part.rows
        freed += part.bytes_freed
        if not part.rows:
            return Tidied(rows, freed)
        await asyncio.sleep(max(_SHORTEST_PAUSE, time.monotonic() - began))
    return Tidied(rows, freed, unfinished=True)
