"""Steps of who sends: claim a webhook, note what is sent, and what became of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update

from storage.database import Transaction, changed_rows
from storage.errors import FenceLost
from storage.figures import count_webhook_request
from storage.products import read_bounds
from storage.webhooks.alarms import LOCK, judge_webhooks
from storage.webhooks.listing import WEBHOOK, Webhook, WebhookState, webhook_of

_FREED: dict[str, Any] = {"holder": None, "lease_until": None}


def list_due_webhooks(tx: Transaction, *, now: datetime) -> list[str]:
    """List the names of those that something is to be sent to, and nobody is at it.

    A webhook whose position is not in the feed any more is among them: it is to be switched off.
    """
    _, end = read_bounds(tx)
    due = select(WEBHOOK.c.name).where(_is_due(now), _is_free(tx), WEBHOOK.c.position != end)
    return list(tx.execute(due.order_by(WEBHOOK.c.failures, WEBHOOK.c.name)).scalars())


def claim_webhook(
    tx: Transaction, name: str, *, holder: str, lease: timedelta, now: datetime
) -> Webhook | None:
    """Take the lease of a webhook that is due; None: it is not, or another has it."""
    is_ours = or_(_is_free(tx), WEBHOOK.c.holder == holder)
    claimed = (
        update(WEBHOOK)
        .where(WEBHOOK.c.name == name, _is_due(now), is_ours)
        .values(holder=holder, lease_until=tx.clock(lease))
        .returning(WEBHOOK)
    )
    row = tx.execute(claimed).one_or_none()
    return None if row is None else webhook_of(row)


def note_batch(
    tx: Transaction, webhook: Webhook, *, holder: str, batch_end: int, lease: timedelta
) -> None:
    """Note, before a request, up to which change it goes, and renew the lease.

    Raises:
        FenceLost: another has the webhook, or a person paused, moved or removed it.
    """
    is_active = WEBHOOK.c.state == WebhookState.ACTIVE
    noted = {"batch_end": batch_end, "lease_until": tx.clock(lease)}
    _write(tx, webhook, holder, noted, is_active)


def confirm_batch(
    tx: Transaction, webhook: Webhook, *, holder: str, last: int, now: datetime
) -> None:
    """Move the position to the last change that was confirmed.

    Raises:
        FenceLost: another has the webhook, or a person moved or removed it.
    """
    well = {"problem": None, "failures": 0, "failing_since": None, "not_before": None}
    if webhook.failures:
        tx.queue_for(LOCK)
    moved = {"position": last, "batch_end": None, "confirmed_at": now}
    _write(tx, webhook, holder, moved | well)
    if webhook.failures:
        judge_webhooks(tx, now=now)
    count_webhook_request(tx, confirmed=True)


def put_off_webhook(
    tx: Transaction,
    webhook: Webhook,
    *,
    holder: str,
    problem: str,
    not_before: datetime,
    now: datetime,
) -> None:
    """Record a request that was not confirmed, and let go of the webhook until then.

    Raises:
        FenceLost: another has the webhook, or a person moved or removed it.
    """
    tx.queue_for(LOCK)
    failing = {"failures": webhook.failures + 1, "failing_since": webhook.failing_since or now}
    later = {"problem": problem, "not_before": not_before}
    _write(tx, webhook, holder, failing | later | _FREED)
    judge_webhooks(tx, now=now)
    count_webhook_request(tx, confirmed=False)


def switch_off_webhook(
    tx: Transaction, webhook: Webhook, *, holder: str, problem: str, asked: bool, now: datetime
) -> None:
    """Switch a webhook off, for a person to decide what becomes of it; `asked`: after a request.

    Raises:
        FenceLost: another has the webhook, or a person moved or removed it.
    """
    tx.queue_for(LOCK)
    off = {"state": WebhookState.OFF, "since": now, "problem": problem, "not_before": None}
    _write(tx, webhook, holder, off | _FREED)
    judge_webhooks(tx, now=now)
    if asked:
        count_webhook_request(tx, confirmed=False)


def release_webhook(tx: Transaction, name: str, *, holder: str) -> bool:
    """Give the lease back; False: it is another's."""
    is_mine = and_(WEBHOOK.c.name == name, WEBHOOK.c.holder == holder)
    return changed_rows(tx.execute(update(WEBHOOK).where(is_mine).values(**_FREED))) == 1


def _is_due(now: datetime) -> ColumnElement[bool]:
    is_time = or_(WEBHOOK.c.not_before.is_(None), WEBHOOK.c.not_before <= now)
    return and_(WEBHOOK.c.state == WebhookState.ACTIVE, is_time)


def _is_free(tx: Transaction) -> ColumnElement[bool]:
    return or_(WEBHOOK.c.holder.is_(None), WEBHOOK.c.lease_until <= tx.clock())


def _write(
    tx: Transaction,
    webhook: Webhook,
    holder: str,
    values: Mapping[str, Any],
    *also: ColumnElement[bool],
) -> None:
    """Write what a sender has found, if the webhook is still its own and where it was.

    Raises:
        FenceLost: it is not.
    """
    is_mine = and_(
        WEBHOOK.c.name == webhook.name,
        WEBHOOK.c.made_at == webhook.made_at,
        WEBHOOK.c.holder == holder,
        WEBHOOK.c.position == webhook.position,
        WEBHOOK.c.replays == webhook.replays,
    )
    written = tx.execute(update(WEBHOOK).where(is_mine, *also).values(**values))
    if changed_rows(written) != 1:
        raise FenceLost(f"the webhook {webhook.name} is another's now, or was changed by a person")
