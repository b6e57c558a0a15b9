"""State of the source: the breaker, and the facts that were found out about it.

The breaker: while the source fails, one `blocked_until` for everybody. What follows from what is
decided in `pim.breaker`; here one row keeps it, judged by the database's clock, changed under its
lock. Facts: what the source calls products by, its version, how it prints dates, and more.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from pim.breaker import BreakerState, SourceFailure, probe_failed, probe_taken, recovered, trip
from pim.printed_time import Printing
from storage.database import Transaction
from storage.tables import Breaker, SourceFact, table_of

_BREAKER = table_of(Breaker)
_NAMES = tuple(field.name for field in fields(BreakerState))

_FACT = table_of(SourceFact)
_PRINTING = "printing of updated"


@dataclass(frozen=True, slots=True)
class BreakerView:
    """The breaker as it stands; `blocked` is judged by the database's clock."""

    blocked: bool
    blocked_until: datetime | None
    failing_since: datetime | None
    failures: int
    reason: str | None
    probe_at: datetime | None = None

    @property
    def next_try_at(self) -> datetime | None:
        """When the source is asked again, by a probe or a run; None: with the next run."""
        if not self.blocked:
            return None
        times = [at for at in (self.probe_at, self.blocked_until) if at is not None]
        return min(times, default=None)


def read_breaker(tx: Transaction) -> BreakerView:
    """Read the breaker."""
    state, now = _read(tx, locked=False)
    return _view(state, now)


def trip_breaker(tx: Transaction, failure: SourceFailure) -> BreakerView:
    """Record that a run failed because of the source: runs are blocked for 15 s, up to 5 min."""
    _, after, now = _change(tx, lambda state, now: trip(state, failure, now))
    return _view(after, now)


def reset_breaker(tx: Transaction) -> BreakerView | None:
    """Record that the source answers; the breaker as it was, or None if it was not failing."""
    before, _, now = _change(tx, lambda state, _now: recovered(state))
    return None if before.failing_since is None else _view(before, now)


def claim_probe(tx: Transaction) -> bool:
    """Take the probe that is due, if one is; of all who ask, one gets it.

    Whoever gets it asks the source and records the answer (`record_probe`, `reset_breaker`).
    """
    before, _, now = _change(
        tx, lambda state, now: probe_taken(state, now) if state.is_probe_due(now) else state
    )
    return before.is_probe_due(now)


def record_probe(tx: Transaction, failure: SourceFailure) -> BreakerView:
    """Record that a probe failed: the next one is later, and no run is asked for before it."""
    _, after, now = _change(tx, lambda state, now: probe_failed(state, failure, now))
    return _view(after, now)


def _change(
    tx: Transaction, decide: Callable[[BreakerState, datetime], BreakerState]
) -> tuple[BreakerState, BreakerState, datetime]:
    """Answer the state before and after, and the database's time."""
    before, now = _read(tx, locked=True)
    after = decide(before, now)
    if after != before:
        tx.execute(update(_BREAKER).values({name: getattr(after, name) for name in _NAMES}))
    return before, after, now


def _read(tx: Transaction, *, locked: bool) -> tuple[BreakerState, datetime]:
    statement = select(_BREAKER, tx.clock().label("now"))
    row: Row[Any] = tx.execute(statement.with_for_update() if locked else statement).one()
    return BreakerState(**{name: getattr(row, name) for name in _NAMES}), row.now


def _view(state: BreakerState, now: datetime) -> BreakerView:
    return BreakerView(
        blocked=state.is_blocked(now),
        blocked_until=state.blocked_until,
        failing_since=state.failing_since,
        failures=state.failures,
        reason=state.reason,
        probe_at=state.probe_at,
    )


def read_facts(tx: Transaction) -> dict[str, str]:
    """Read all facts by name."""
    return {row.name: row.value for row in tx.execute(select(_FACT).order_by(_FACT.c.name))}


def read_fact(tx: Transaction, name: str) -> tuple[str, datetime] | None:
    """Read a fact and when it was found out; None if it is not known."""
    row = tx.execute(select(_FACT).where(_FACT.c.name == name)).one_or_none()
    return None if row is None else (row.value, row.found_at)


def save_fact(tx: Transaction, *, name: str, value: str, now: datetime) -> None:
    """Store a fact, over an older one."""
    insert = tx.insert_into(_FACT).values(name=name, value=value, found_at=now)
    newer = {"value": insert.excluded.value, "found_at": insert.excluded.found_at}
    tx.execute(insert.on_conflict_do_update(index_elements=[_FACT.c.name], set_=newer))


def forget_fact(tx: Transaction, name: str) -> None:
    """Forget a fact, if it is known."""
    tx.execute(delete(_FACT).where(_FACT.c.name == name))


def forget_facts(tx: Transaction, beginning: str) -> None:
    """Forget the facts whose names begin so."""
    tx.execute(delete(_FACT).where(_FACT.c.name.startswith(beginning)))


def read_printing(tx: Transaction) -> Printing:
    """Read how the source was found to print `updated`; as meant where nothing else is known."""
    known = read_fact(tx, _PRINTING)
    return Printing(known[0]) if known is not None else Printing.AS_MEANT


def save_printing(tx: Transaction, printing: Printing, *, now: datetime) -> None:
    """Keep how the source prints `updated`."""
    if read_printing(tx) is not printing:
        save_fact(tx, name=_PRINTING, value=printing, now=now)
