"""Alarms on a subscription of the Event Platform that tells nothing more."""

from pim.event_platform import Notice, NoticedStatus
from storage.database import Transaction
from storage.state.alarms import clear_alarm, raise_alarm

SUSPENDED_ALARM = "subscription-suspended"
REVOKED_ALARM = "subscription-revoked"


def note_platform_notice(tx: Transaction, notice: Notice) -> None:
    """Raise or clear the alarm that a new notice calls for."""
    why = notice.reason or "no reason was given"
    told = f"subscription {notice.subscription_id}, {notice.at:%Y-%m-%d %H:%M} UTC: {why}"
    match notice.status:
        case NoticedStatus.SUSPENDED:
            text = f"the Event Platform tells nothing more, and keeps nothing for later: {told}"
            raise_alarm(tx, name=SUSPENDED_ALARM, text=text, now=notice.at)
        case NoticedStatus.REVOKED:
            text = f"the Event Platform has ended a subscription for good: {told}"
            raise_alarm(tx, name=REVOKED_ALARM, text=text, now=notice.at)
        case NoticedStatus.ACTIVE:
            clear_alarm(tx, name=SUSPENDED_ALARM)
        case None:
            pass
