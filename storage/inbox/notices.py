"""Notices of the Event Platform, each stored once."""

from datetime import datetime

from pim.event_platform import Notice
from storage.database import Transaction, changed_rows
from storage.tables import PlatformNotice, table_of

_NOTICE = table_of(PlatformNotice)


def store_notice(tx: Transaction, notice: Notice, *, received_at: datetime) -> bool:
    """Store a notice; False if it was stored before."""
    insert = tx.insert_into(_NOTICE).values(
        subscription_id=notice.subscription_id,
        kind=notice.kind,
        told_at=notice.at,
        received_at=received_at,
        destination=notice.destination,
        reason=notice.reason,
    )
    same = [_NOTICE.c.subscription_id, _NOTICE.c.kind, _NOTICE.c.told_at]
    return changed_rows(tx.execute(insert.on_conflict_do_nothing(index_elements=same))) == 1
