"""The store's part of `/metrics`: one snapshot whose cost does not grow with the history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, func, select

from pim.vocabulary import Outcome
from storage.database import Figure, Transaction, read_size
from storage.inbox import DoorView, is_due, is_open, is_put_off, read_door
from storage.state import Alarm, BreakerView, SweepView, list_alarms, list_sweeps, read_breaker
from storage.tables import (
    CatalogMark,
    HeldDeletionRow,
    InboxEvent,
    MetricRow,
    ProductChange,
    table_of,
)
from storage.views.needs import Seen, list_needs, read_upkeep
from storage.webhooks import Webhook, list_webhooks

_EVENT = table_of(InboxEvent)
_HOLD = table_of(HeldDeletionRow)
_MARK = table_of(CatalogMark)
_METRIC = table_of(MetricRow)
_CHANGE = table_of(ProductChange)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The store's part of `/metrics`. `counts` are the figures of `storage.figures`.

    `needs`: what needs a person, the same list as in `status`. `webhook_lags`: for how many seconds
    the oldest change that is not confirmed waits, by webhook.
    """

    due: int
    put_off: int
    held: int
    dead: int
    oldest_due_seconds: float
    held_deletions: int
    marks_open: int
    door: DoorView
    breaker: BreakerView
    sweeps: tuple[SweepView, ...]
    needs: tuple[Alarm, ...]
    counts: Mapping[Figure, float]
    size_bytes: int
    read_at: datetime
    webhook_lags: Mapping[str, float] = field(default_factory=dict)


def read_metrics(tx: Transaction, *, now: datetime, unwritable: str | None = None) -> Metrics:
    """Read the figures; what is settled is counted when it is settled, and not here.

    `unwritable`: why the store took no write just now.
    """
    due, put_off = _read_open(tx)
    sweeps = tuple(list_sweeps(tx))
    seen = Seen(
        alarms=list_alarms(tx),
        breaker=read_breaker(tx),
        door=read_door(tx),
        sweeps=sweeps,
        dead=tx.count_rows(_EVENT.c.outcome == Outcome.DEAD),
        held_deletions=tx.count_rows(_HOLD.c.state == "waiting"),
        upkeep=read_upkeep(tx, sweeps, now=now),
        unwritable=unwritable,
    )
    return Metrics(
        due=due,
        put_off=put_off,
        held=tx.count_rows(_EVENT.c.hold_id.is_not(None) & _EVENT.c.outcome.is_(None)),
        dead=seen.dead,
        oldest_due_seconds=_read_oldest(tx, now),
        held_deletions=seen.held_deletions,
        marks_open=tx.count_rows(_MARK.c.finished_at.is_(None)),
        door=seen.door,
        breaker=seen.breaker,
        sweeps=sweeps,
        needs=tuple(list_needs(seen)),
        counts={(row.name, row.labels): row.value for row in tx.execute(select(_METRIC))},
        size_bytes=read_size(tx).total,
        read_at=now,
        webhook_lags={each.name: _read_lag(tx, each, now) for each in list_webhooks(tx)},
    )


def _read_lag(tx: Transaction, webhook: Webhook, now: datetime) -> float:
    after = select(_CHANGE.c.at).where(_CHANGE.c.seq > webhook.position)
    changed_at: datetime | None = tx.execute(
        after.order_by(_CHANGE.c.seq).limit(1)
    ).scalar_one_or_none()
    return 0.0 if changed_at is None else max(0.0, (now - changed_at).total_seconds())


def _read_open(tx: Transaction) -> tuple[int, int]:
    later = func.count(case((is_put_off(tx), 1)))
    row = tx.execute(select(func.count().label("open"), later.label("later")).where(is_open()))
    counted = row.one()
    return counted.open - counted.later, counted.later


def _read_oldest(tx: Transaction, now: datetime) -> float:
    oldest = select(_EVENT.c.received_at).where(is_due(tx)).order_by(_EVENT.c.number).limit(1)
    received_at: datetime | None = tx.execute(oldest).scalar_one_or_none()
    return 0.0 if received_at is None else max(0.0, (now - received_at).total_seconds())
