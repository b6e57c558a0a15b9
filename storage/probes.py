"""Products whose `updated` is well known, and how that is printed: probes for the filters."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from pim.ids import ProductKey
from pim.printed_time import Printing
from storage.engine import Transaction
from storage.facts import read_fact, save_fact
from storage.tables import InboxEvent, Product, table_of

_PRODUCT = table_of(Product)
_EVENT = table_of(InboxEvent)
_PRINTING = "printing of updated"


@dataclass(frozen=True, slots=True)
class Probe:
    """A live product and its `updated`.

    `simple`: it has no model, whose later date the source's filter would go by.
    """

    key: ProductKey
    identifier: str | None
    updated: datetime
    simple: bool


def list_probes(tx: Transaction, *, before: datetime, limit: int) -> list[Probe]:
    """List the live products last updated before an instant, newest first."""
    settled = (
        select(_PRODUCT.c.key, _PRODUCT.c.identifier, _PRODUCT.c.updated, _PRODUCT.c.parent)
        .where(_PRODUCT.c.deleted_at.is_(None), _PRODUCT.c.updated < before)
        .order_by(_PRODUCT.c.updated.desc())
        .limit(limit)
    )
    return [
        Probe(ProductKey(row.key), row.identifier, row.updated, row.parent is None)
        for row in tx.execute(settled)
    ]


def read_delays(tx: Transaction, *, limit: int) -> list[timedelta]:
    """Read, of the newest events, how long after its product's `updated` each occurred."""
    newest = select(_EVENT).order_by(_EVENT.c.id.desc()).limit(limit).subquery()
    dated = select(newest.c.occurred_at, newest.c.resource_updated).where(
        newest.c.occurred_at.is_not(None), newest.c.resource_updated.is_not(None)
    )
    return [row.occurred_at - row.resource_updated for row in tx.execute(dated)]


def read_printing(tx: Transaction) -> Printing:
    """Read how the source was found to print `updated`; as meant where nothing else is known."""
    known = read_fact(tx, _PRINTING)
    return Printing(known[0]) if known is not None else Printing.AS_MEANT


def save_printing(tx: Transaction, printing: Printing, *, now: datetime) -> None:
    """Keep how the source prints `updated`."""
    if read_printing(tx) is not printing:
        save_fact(tx, name=_PRINTING, value=printing, now=now)
