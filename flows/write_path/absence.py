"""Rules for absences: those that may become tombstones, and those that wait for a person.

Lost rights look like absence. What nobody announced is therefore written or held as a whole:
the first twenty of six hundred products that vanished at once are no more likely to be
deleted than the others. A drain sees only a few of them, so it asks for some of their
neighbours, too. A neighbour whose removal was announced says nothing about rights.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from flows.run import Session
from pim.http import calls_for
from pim.ids import ProductKey
from pim.vocabulary import CallCause
from storage import Transaction
from storage.inbox import DueEvent, EventRowId
from storage.products import (
    DeletionToHold,
    ProductWrite,
    count_allowed_deletions,
    count_returned,
    hold_deletions,
    list_announced,
    list_holds,
    list_neighbours,
    read_products,
)

NEIGHBOURS = 60
"""Of a third of the products hidden, all of so many are seen once in 10^10 times."""

ROUNDS = 5
"""So often others are asked for in place of neighbours that were announced as removed."""


async def note_announced(session: Session, writes: Sequence[ProductWrite]) -> list[ProductWrite]:
    """The writes, where an absence counts as announced whichever event of the inbox told of it."""
    silent = {w.read.key for w in writes if w.read.product is None and not w.announced}
    if not silent:
        return [*writes]

    told = await session.read(list_announced, silent)
    return [replace(each, announced=True) if each.read.key in told else each for each in writes]


async def decide_held(session: Session, writes: Sequence[ProductWrite]) -> set[ProductKey]:
    """The deletions among these writes that must wait: all that nobody announced, or none.

    They wait if they exceed what an hour allows, or if the source does not show their neighbours
    either.

    Raises:
        SourceError: the source failed while it was asked for the neighbours.
    """
    if all(write.read.product is not None or write.announced for write in writes):
        return set()
    deletions = await session.read(_deletions, writes)
    if not deletions:
        return set()
    exceeds = await session.write(_exceeds_allowance, session, deletions)
    if exceeds or await are_neighbours_missing(session, deletions):
        return deletions
    return set()


def hold_doubtful(
    tx: Transaction,
    session: Session,
    writes: Sequence[ProductWrite],
    held: Collection[ProductKey],
    events: Mapping[ProductKey, tuple[DueEvent, ...]],
) -> set[ProductKey]:
    """Hold the deletions that `decide_held` named, and all of these if others used up the hour.

    Answers what is held.
    """
    deletions = _deletions(tx, writes)
    if not deletions:
        return set()
    waiting = deletions & set(held)
    if deletions - waiting and _exceeds_allowance(tx, session, deletions - waiting):
        waiting = deletions
    holds = [
        DeletionToHold(key, tuple(EventRowId(event.row_id) for event in events.get(key, ())))
        for key in sorted(waiting)
    ]
    hold_deletions(tx, holds, cause=session.cause, now=session.now())
    return waiting


def _deletions(tx: Transaction, writes: Sequence[ProductWrite]) -> set[ProductKey]:
    """The live products whose absence nobody announced."""
    absent = {w.read.key for w in writes if w.read.product is None and not w.announced}
    stored = read_products(tx, absent) if absent else {}
    return {key for key, product in stored.items() if not product.deleted}


def _exceeds_allowance(
    tx: Transaction, session: Session, deletions: Collection[ProductKey]
) -> bool:
    allowed = _allowance(tx, session, deletions)
    return len(deletions) > allowed


def _allowance(tx: Transaction, session: Session, asked: Collection[ProductKey]) -> int:
    share = session.settings.max_delete_share
    return count_allowed_deletions(tx, now=session.now(), share=share, asked=asked)


async def are_neighbours_missing(session: Session, deletions: Collection[ProductKey]) -> bool:
    """Whether a live product near one of these in key order is absent, too, and nobody said so.

    Uuids are drawn by lot, and so are neighbours by uuid; those by identifier are the likeliest to
    share a category, and with it the right to be seen. Raises SourceError.
    """
    if not deletions:
        return False
    asked = set(deletions)
    well = 0
    for _ in range(ROUNDS):
        neighbours = await session.read(
            list_neighbours, min(deletions), without=asked, limit=NEIGHBOURS - well
        )
        asked |= neighbours.keys()
        told = await session.read(list_announced, neighbours)
        # Whether those are there says nothing either way: each would cost a call of its own.
        names = {key: name for key, name in neighbours.items() if key not in told}
        with calls_for(CallCause.NEIGHBOUR):
            reads = await session.client.read_products(list(names), identifiers=names)
        absent = {read.key for read in reads.absent}
        if absent - await session.read(list_announced, absent):
            return True
        well += len(reads.found)
        if well >= NEIGHBOURS or not told | absent:
            break
    return False


async def list_releasable(session: Session) -> tuple[list[ProductKey], list[ProductKey]]:
    """The held deletions to decide anew: those announced since; and of the others all, or none.

    All, only if they are no more than an hour allows even with those that were seen again since:
    what vanished together with much that came back was hidden, and what is left of it waits.
    """
    told, keys, back = await session.read(_split_holds)
    if keys and len(keys) + back > await session.write(_allowance, session, keys):
        keys = []
    return told, keys


def _split_holds(tx: Transaction) -> tuple[list[ProductKey], list[ProductKey], int]:
    """The held deletions announced by now, the others, and how many came back since those."""
    holds = list_holds(tx)
    told = list_announced(tx, [hold.key for hold in holds])
    silent = [hold for hold in holds if hold.key not in told]
    back = count_returned(tx, since=min(hold.held_at for hold in silent)) if silent else 0
    return sorted(told), sorted(hold.key for hold in silent), back
