"""Visibility of values in the source, against that of the last whole sweep of products.

A locale that is switched off, a deleted channel, currency, association type or unit takes
values out of all products' answers, without an event and without moving any `updated`: a
delta that sees it compares every product, as the next full sweep would.
"""

from flows.sweeps.sweep import Sweep
from pim.structure import DECIDING, fingerprint_visibility
from storage import Transaction
from storage.catalog import list_items
from storage.state import read_fact, save_fact

_BEGUN, _WHOLE = "visibility of the sweep", "visibility"

MOVED = (
    "channels, locales, currencies, association types or units have changed, which shows or hides "
    "values without moving any product's `updated`: every product is compared"
)


async def has_visibility_moved(sweep: Sweep) -> bool:
    """Whether the last whole sweep of the products began under another visibility."""

    def look(tx: Transaction) -> bool:
        fact = read_fact(tx, _WHOLE)
        return fact is not None and fact[0] != _current(tx)

    return await sweep.session.read(look)


async def note_begun(sweep: Sweep) -> None:
    """Remember under what a whole sweep of the products begins; one that goes on keeps it."""
    now = sweep.session.now()

    def note(tx: Transaction) -> None:
        save_fact(tx, name=_BEGUN, value=_current(tx), now=now)

    await sweep.session.write(note)


async def note_whole(sweep: Sweep) -> None:
    """Remember, after a whole sweep, under what it began."""
    now = sweep.session.now()

    def note(tx: Transaction) -> None:
        begun = read_fact(tx, _BEGUN)
        if begun is not None:
            save_fact(tx, name=_WHOLE, value=begun[0], now=now)

    await sweep.session.write(note)


def _current(tx: Transaction) -> str:
    return fingerprint_visibility({kind: list_items(tx, kind).values() for kind in DECIDING})
