"""Figures of `/metrics`: what is counted, by whom, under which names.

The words shared by both sides, those who count and the receiver that shows. Histograms are kept as
one count a bucket (not cumulative: one row is raised an observation, and readers add up), and the
sum of what was observed.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import datetime

from pim.vocabulary import CallCause, CallKind, Drift, Outcome
from storage.database import Transaction

OUTCOMES = "outcomes"
REPLAYED = "replayed"
FRESHNESS = "freshness"
PRODUCTS = "products"
CHANGES = "changes"
REFUSALS = "refusals"
CALLS = "calls"
CALL_SECONDS = "call_seconds"
CALL_CAUSES = "call_causes"
DRIFT = "drift"
RUNS = "runs"
RUN_SECONDS = "run_seconds"
WEBHOOK_REQUESTS = "webhook_requests"

LIVE, TOMBSTONE = "live", "tombstone"
CONFIRMED, FAILED = "confirmed", "failed"

FRESHNESS_BUCKETS = (0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 3600.0)
"""Seconds. The budget is 2 at steady load, 3 after idle; the rest tells how long an outage was."""

CALL_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds. A page of 100 products takes 0.4 to 4 s; a call is given up after 30 s."""

BEYOND = "+Inf"


def count_outcome(tx: Transaction, outcome: Outcome, events: int) -> None:
    """Count events that were settled."""
    tx.count(OUTCOMES, outcome, by=events)


def observe_freshness(tx: Transaction, told_at: Iterable[datetime | None], now: datetime) -> None:
    """Observe how long ago we were told of each change that is committed now."""
    for instant in told_at:
        if instant is not None:
            # Receiver and worker may have two clocks: no change is committed before it is told.
            seconds = max(0.0, (now - instant).total_seconds())
            tx.count(FRESHNESS, choose_bucket(seconds, FRESHNESS_BUCKETS))
            tx.count(f"{FRESHNESS}_sum", by=seconds)


def count_stored(tx: Transaction, *, live: int, tombstones: int) -> None:
    """Move the numbers of live products and of tombstones."""
    tx.count(PRODUCTS, LIVE, by=live)
    tx.count(PRODUCTS, TOMBSTONE, by=tombstones)


def count_calls(
    tx: Transaction, kind: CallKind, status: str, *, calls: int, seconds: Iterable[float]
) -> None:
    """Count calls of one kind with one end, and how long they took."""
    tx.count(CALLS, kind, status, by=calls)
    for each in seconds:
        tx.count(CALL_SECONDS, kind, choose_bucket(each, CALL_BUCKETS))
        tx.count(f"{CALL_SECONDS}_sum", kind, by=each)


def count_call_causes(tx: Transaction, cause: CallCause, kind: CallKind, *, calls: int) -> None:
    """Count calls of one kind by what they were made for."""
    tx.count(CALL_CAUSES, cause, kind, by=calls)


def count_run(tx: Transaction, *, flow: str, state: str, seconds: float) -> None:
    """Count a recorded run that ended ("done" or "failed")."""
    tx.count(RUNS, flow, state)
    tx.count(RUN_SECONDS, flow, by=seconds)


def count_drift(tx: Transaction, *, mode: str, drift: Mapping[Drift, int]) -> None:
    """Count the differences that a reconcile of a mode found."""
    for kind, found in drift.items():
        tx.count(DRIFT, mode, kind, by=found)


def count_webhook_request(tx: Transaction, *, confirmed: bool) -> None:
    """Count a request to a shop's webhook by what became of it."""
    tx.count(WEBHOOK_REQUESTS, CONFIRMED if confirmed else FAILED)


def choose_bucket(seconds: float, buckets: tuple[float, ...]) -> str:
    """Name the bucket of an observation: the first bound that is not below it."""
    place = bisect_left(buckets, seconds)
    return BEYOND if place == len(buckets) else f"{buckets[place]:g}"
