"""Facts about the source: what it calls products by, its version, and what else was found out."""

from datetime import datetime

from sqlalchemy import delete, select

from storage.engine import Transaction
from storage.tables import SourceFact, table_of

_FACT = table_of(SourceFact)


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
