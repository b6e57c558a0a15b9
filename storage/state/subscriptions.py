"""Subscriptions of the Event Platform as last seen, and the alarms and gaps that follow from it.

Both who asks the platform now and then and who is told by its notices write here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete, select

from pim.canonical import dump_json, load_json
from pim.event_platform import DELIVERIES_PATH, Notice
from pim.json_types import as_object, as_text
from pim.texts import parse_instant, storable
from pim.vocabulary import SubscriptionStatus
from storage.database import Transaction
from storage.state.alarms import clear_alarm, list_alarms, raise_alarm
from storage.state.gaps import end_gap, open_gap
from storage.state.source import forget_fact, read_fact, save_fact
from storage.tables import SubscriptionRow, table_of

SUSPENDED_ALARM = "subscription-suspended"
REVOKED_ALARM = "subscription-revoked"
UNKNOWN_ALARM = "subscription-unknown"
_ALARMS = (SUSPENDED_ALARM, REVOKED_ALARM, UNKNOWN_ALARM)

MISSES = 3
"""So many looks in a row must fail before it is an alarm."""

BEFORE = timedelta(hours=1)
"""How long before it was seen active for the last time events may have been lost: retries that
wait are dropped with the suspension, and the last one comes 35 minutes after the first try."""

_SUBSCRIPTION = table_of(SubscriptionRow)
_LOCK = "subscriptions"
_MISSED = "subscriptions not seen"
_STOPPED = frozenset(SubscriptionStatus) - {SubscriptionStatus.ACTIVE}
_FINAL = (SubscriptionStatus.REVOKED, SubscriptionStatus.DELETED)


@dataclass(frozen=True, slots=True)
class SeenSubscription:
    """A subscription as the platform shows it, or as it is stored."""

    id: str
    status: str
    url: str


@dataclass(frozen=True, slots=True)
class StoredSubscription:
    """A subscription as last seen: in this status since then; `problem`: why it stopped."""

    id: str
    status: str
    url: str
    since: datetime
    checked_at: datetime
    problem: str | None


def list_subscriptions(tx: Transaction) -> list[StoredSubscription]:
    """List the subscriptions to our receiver as they were last seen."""
    rows = tx.execute(select(_SUBSCRIPTION).order_by(_SUBSCRIPTION.c.id))
    return [StoredSubscription(**row._asdict()) for row in rows]


def note_subscription(
    tx: Transaction,
    *,
    subscription_id: str,
    status: str,
    url: str,
    reason: str | None,
    at: datetime,
) -> bool:
    """Note the status of a subscription at an instant, with its alarms and gaps; was it news?

    `url` may be empty where it is not told. What is older than what is known is no news, but for a
    stop that nobody had seen: it leaves a gap, that ended when the subscription was seen active.
    """
    tx.queue_for(_LOCK)
    known = {each.id: each for each in list_subscriptions(tx)}.get(subscription_id)
    if known is not None and at < known.checked_at:
        is_unseen = known.status == SubscriptionStatus.ACTIVE and at >= known.since
        if status in _STOPPED and is_unseen:
            open_gap(tx, subscription_id=subscription_id, began=at - BEFORE, reason=reason)
            _settle(tx, known.checked_at)
        return False
    is_news = known is None or known.status != status
    if is_news and status in _STOPPED and (known is None or known.status not in _STOPPED):
        began = at if known is None else known.checked_at - BEFORE
        open_gap(tx, subscription_id=subscription_id, began=began, reason=reason)
    problem = None if status not in _STOPPED else reason or (known.problem if known else None)
    _save(
        tx,
        StoredSubscription(
            id=subscription_id,
            status=status,
            url=url or (known.url if known else ""),
            since=at if known is None or is_news else known.since,
            checked_at=at,
            problem=None if problem is None else storable(problem),
        ),
    )
    _settle(tx, at)
    return is_news


def note_platform_notice(tx: Transaction, notice: Notice) -> None:
    """Note what a new notice of the platform tells of a subscription to our receiver.

    A type that is not known tells nothing.
    """
    place = urlsplit(notice.destination or "").path.rstrip("/")
    is_ours = not place or place.endswith(DELIVERIES_PATH)
    if notice.status is not None and is_ours:
        note_subscription(
            tx,
            subscription_id=notice.subscription_id,
            status=notice.status,
            url=notice.destination or "",
            reason=notice.reason,
            at=notice.at,
        )


def note_seen(
    tx: Transaction, *, found: Sequence[SeenSubscription], url: str | None, at: datetime
) -> None:
    """Note what the platform lists of our subscriptions: all of them that are not gone.

    `url`: where they deliver; what is stored of another URL is forgotten.
    """
    tx.queue_for(_LOCK)
    clear_alarm(tx, name=UNKNOWN_ALARM)
    forget_fact(tx, _MISSED)
    listed = {each.id for each in found}
    gone = [each for each in list_subscriptions(tx) if each.id not in listed]
    foreign = [each.id for each in gone if url and each.url and each.url.rstrip("/") != url]
    _forget(tx, foreign)
    gone = [each for each in gone if each.id not in foreign]
    for each in found:
        _note(tx, each, None, at)
    for lost in gone:
        is_final = lost.status in _FINAL
        status = lost.status if is_final else SubscriptionStatus.DELETED
        _note(tx, SeenSubscription(lost.id, status, lost.url), "the platform lists it no more", at)
    if any(each.status == SubscriptionStatus.ACTIVE for each in found):
        _forget(tx, [each.id for each in gone])
        _settle(tx, at)
    if not found and not gone:
        where = f" to {url}" if url else ""
        raise_alarm(tx, name=REVOKED_ALARM, text=f"there is no subscription{where}", now=at)


def note_unseen(tx: Transaction, *, words: str, at: datetime) -> int:
    """Note that the platform could not be asked, and why; answers how often in a row by now."""
    tx.queue_for(_LOCK)
    kept = read_fact(tx, _MISSED)
    told = as_object(load_json(kept[0])) if kept is not None else {}
    before = told.get("count")
    count = 1 + (before if isinstance(before, int) else 0)
    since = parse_instant(as_text(told.get("since"))) or at
    value = dump_json({"count": count, "since": since.isoformat()})
    save_fact(tx, name=_MISSED, value=value, now=at)
    if count >= MISSES:
        text = (
            f"since {since:%Y-%m-%d %H:%M} UTC the Event Platform could not be asked how our"
            f" subscription is: {storable(words)[:300]}"
        )
        raise_alarm(tx, name=UNKNOWN_ALARM, text=text, now=at)
    return count


def has_seen_subscriptions(tx: Transaction) -> bool:
    """Whether anything is stored that `forget_subscriptions` would remove."""
    stands = {alarm.name for alarm in list_alarms(tx)} & set(_ALARMS)
    return bool(stands or list_subscriptions(tx) or read_fact(tx, _MISSED))


def forget_subscriptions(tx: Transaction) -> None:
    """Forget all, with the alarms: the Event Platform is not used (any more)."""
    tx.queue_for(_LOCK)
    tx.execute(delete(_SUBSCRIPTION))
    forget_fact(tx, _MISSED)
    for name in _ALARMS:
        clear_alarm(tx, name=name)


def _note(tx: Transaction, seen: SeenSubscription, reason: str | None, at: datetime) -> None:
    note_subscription(
        tx, subscription_id=seen.id, status=seen.status, url=seen.url, reason=reason, at=at
    )


def _save(tx: Transaction, row: StoredSubscription) -> None:
    values = {name: getattr(row, name) for name in StoredSubscription.__slots__}
    put = tx.insert_into(_SUBSCRIPTION).values(**values)
    del values["id"]
    tx.execute(put.on_conflict_do_update(index_elements=[_SUBSCRIPTION.c.id], set_=values))


def _forget(tx: Transaction, ids: Sequence[str]) -> None:
    if ids:
        tx.execute(delete(_SUBSCRIPTION).where(_SUBSCRIPTION.c.id.in_(ids)))


def _settle(tx: Transaction, now: datetime) -> None:
    """Raise and clear the alarms, and end the gap where all that there is delivers."""
    rows = list_subscriptions(tx)
    active = [row for row in rows if row.status == SubscriptionStatus.ACTIVE]
    suspended = [row for row in rows if row.status == SubscriptionStatus.SUSPENDED]
    final = [row for row in rows if row.status in _FINAL]
    _raise_or_clear(tx, SUSPENDED_ALARM, suspended, now)
    _raise_or_clear(tx, REVOKED_ALARM, [] if active else final, now)
    if active and len(active) == len(rows):
        end_gap(tx, now=now)


def _raise_or_clear(
    tx: Transaction, name: str, rows: Sequence[StoredSubscription], now: datetime
) -> None:
    if not rows:
        clear_alarm(tx, name=name)
        return
    row = rows[0]
    why = f": {row.problem}" if row.problem else ""
    text = f"the subscription {row.id} is {row.status} since {row.since:%Y-%m-%d %H:%M} UTC{why}"
    raise_alarm(tx, name=name, text=text, now=now)
