"""The overview of `status` and `/readyz`: one snapshot, without asking the PIM."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from pim.vocabulary import Channel, Outcome
from storage.database import Transaction
from storage.inbox import (
    DoorView,
    Refusals,
    is_due,
    is_put_off,
    list_refusals,
    read_door,
    read_last_deliveries,
)
from storage.products import count_products
from storage.state import (
    Alarm,
    BreakerView,
    Gap,
    StoredSubscription,
    SweepView,
    list_alarms,
    list_subscriptions,
    list_sweeps,
    read_breaker,
    read_facts,
    read_gap,
)
from storage.tables import CatalogMark, HeldDeletionRow, InboxEvent, table_of
from storage.views.needs import Seen, Upkeep, list_needs, read_upkeep
from storage.webhooks import Webhook, list_webhooks

_EVENT = table_of(InboxEvent)
_HOLD = table_of(HeldDeletionRow)
_MARK = table_of(CatalogMark)

_RECENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class InboxStatus:
    """The inbox. `put_off`: unsettled, with a `not_before` still ahead; `due` is the rest.

    `heard`: when each dialect last brought a delivery that is still kept.
    """

    due: int
    put_off: int
    dead: int
    held: int
    oldest_due_seconds: float | None
    last_received_at: datetime | None
    heard: Mapping[Channel, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProductsStatus:
    """The product store. `held_deletions` wait for `approve`."""

    live: int
    tombstones: int
    held_deletions: int
    marks_open: int


@dataclass(frozen=True, slots=True)
class Status:
    """Everything an operator's overview shows. `alarms` were raised; `needs` adds what follows."""

    inbox: InboxStatus
    products: ProductsStatus
    door: DoorView
    breaker: BreakerView
    sweeps: tuple[SweepView, ...]
    alarms: tuple[Alarm, ...]
    refusals: tuple[Refusals, ...]  # of the last hour
    outcomes: Mapping[str, int]  # of events settled in the last hour
    upkeep: Upkeep | None = None
    unwritable: str | None = None  # why the store took no write just now
    facts: Mapping[str, str] = field(default_factory=dict)  # what the source was found to be
    subscriptions: tuple[StoredSubscription, ...] = ()  # of the Event Platform, as last seen
    gap: Gap | None = None  # the newest time without its deliveries
    webhooks: tuple[Webhook, ...] = ()

    @property
    def needs(self) -> list[Alarm]:
        """What needs a person: the same list as in `/metrics`."""
        return list_needs(
            Seen(
                alarms=self.alarms,
                breaker=self.breaker,
                door=self.door,
                sweeps=self.sweeps,
                dead=self.inbox.dead,
                held_deletions=self.products.held_deletions,
                upkeep=self.upkeep,
                unwritable=self.unwritable,
            )
        )


def read_status(
    tx: Transaction, *, now: datetime, since: datetime | None = None, unwritable: str | None = None
) -> Status:
    """Read the overview; refusals and outcomes are those `since` then, else of the last hour.

    `unwritable`: why the store took no write just now, where somebody has tried.
    """
    since = since or now - _RECENT
    sweeps = tuple(list_sweeps(tx))
    return Status(
        inbox=_read_inbox(tx, now),
        products=_read_products(tx),
        door=read_door(tx),
        breaker=read_breaker(tx),
        sweeps=sweeps,
        alarms=tuple(list_alarms(tx)),
        refusals=tuple(list_refusals(tx, since=since)),
        outcomes=_read_outcomes(tx, since=since),
        upkeep=read_upkeep(tx, sweeps, now=now),
        unwritable=unwritable,
        facts=read_facts(tx),
        subscriptions=tuple(list_subscriptions(tx)),
        gap=read_gap(tx),
        webhooks=tuple(list_webhooks(tx)),
    )


def _read_inbox(tx: Transaction, now: datetime) -> InboxStatus:
    due = is_due(tx)
    held = _EVENT.c.hold_id.is_not(None) & _EVENT.c.outcome.is_(None)
    oldest = select(_EVENT.c.received_at).where(due).order_by(_EVENT.c.number).limit(1)
    oldest_at: datetime | None = tx.execute(oldest).scalar_one_or_none()
    heard = read_last_deliveries(tx)
    return InboxStatus(
        due=tx.count_rows(due),
        put_off=tx.count_rows(is_put_off(tx)),
        dead=tx.count_rows(_EVENT.c.outcome == Outcome.DEAD),
        held=tx.count_rows(held),
        oldest_due_seconds=None if oldest_at is None else (now - oldest_at).total_seconds(),
        last_received_at=max(heard.values(), default=None),
        heard=heard,
    )


def _read_products(tx: Transaction) -> ProductsStatus:
    live, tombstones = count_products(tx)
    return ProductsStatus(
        live=live,
        tombstones=tombstones,
        held_deletions=tx.count_rows(_HOLD.c.state == "waiting"),
        marks_open=tx.count_rows(_MARK.c.finished_at.is_(None)),
    )


def _read_outcomes(tx: Transaction, *, since: datetime) -> dict[str, int]:
    statement = (
        select(_EVENT.c.outcome, func.count().label("events"))
        .where(_EVENT.c.outcome.in_(list(Outcome)), _EVENT.c.settled_at >= since)
        .group_by(_EVENT.c.outcome)
        .order_by(_EVENT.c.outcome)
    )
    return {row.outcome: row.events for row in tx.execute(statement)}
