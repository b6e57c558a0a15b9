"""Alarms: each is what a person should know, until it is over."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from storage.database import Transaction, changed_rows
from storage.tables import AlarmRow, table_of

_ALARM = table_of(AlarmRow)


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that stands since then, as far as that is known."""

    name: str
    since: datetime | None
    text: str


def raise_alarm(tx: Transaction, *, name: str, text: str, now: datetime) -> bool:
    """Raise an alarm, or renew its text; True if it is new."""
    insert = tx.insert_into(_ALARM).values(name=name, since=now, text=text)
    renewed = insert.on_conflict_do_update(
        index_elements=[_ALARM.c.name], set_={"text": insert.excluded.text}
    )
    since: datetime = tx.execute(renewed.returning(_ALARM.c.since)).scalar_one()
    return since == now


def clear_alarm(tx: Transaction, *, name: str) -> bool:
    """Clear an alarm; True if it stood."""
    return changed_rows(tx.execute(delete(_ALARM).where(_ALARM.c.name == name))) == 1


def list_alarms(tx: Transaction) -> list[Alarm]:
    """List the standing alarms, oldest first."""
    rows = tx.execute(select(_ALARM).order_by(_ALARM.c.since, _ALARM.c.name))
    return [Alarm(row.name, row.since, row.text) for row in rows]
