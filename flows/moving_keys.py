"""Moving product keys from identifiers to uuids: what sweeps do, page by page (`storage.key_move`).

Drains do their part as they write. A full sweep goes through all that the source lists, is resumed
where it stopped, and asks for the rest by identifier: so the way is done when one was whole.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import partial

from flows.session import Session
from flows.sweep import Sweep
from flows.threads import in_thread
from pim.ids import ProductKey
from pim.reads import ProductRead
from storage.key_move import KeyMove, finish_listing, move_keys, read_move

ROWS_A_TRANSACTION = 25  # SQLite has one writer: longer transactions make deliveries wait

UNLISTED = "product keys are still to be moved from identifiers to uuids: every product is compared"
MOVED = (
    "{moved:,} products were moved from their identifiers to their uuids, and written anew as the "
    "PIM shows them by uuid: counted as repaired, and not as drift"
)
LEFT = (
    "{left:,} products are still stored under their identifiers, since the PIM does not show them: "
    "their deletion is held, or they could not be read"
)
IN_DRY_RUN = "{move}: those that are not yet count as missing here"


async def move_listed(sweep: Sweep, reads: Sequence[ProductRead]) -> set[ProductKey]:
    """Move what is stored under the identifiers of these products to their uuids; answers whose."""
    if await _read_move(sweep.session) is None:
        return set()
    names = {
        read.key: read.product.identifier
        for read in reads
        if read.product is not None and read.product.identifier
    }
    return await _move(sweep.session, names)


async def take_along(session: Session, names: Mapping[ProductKey, str]) -> None:
    """Move what is stored under the identifiers of absent products, if nobody has those now.

    `names`: the identifiers that their events gave, with the uuids that were found absent. So a
    deletion that is told of on the way is that of the product which was stored before it.

    Raises:
        SourceError: something is wrong with the source rather than with one product.
    """
    if not names or await _read_move(session) is None:
        return
    answers = await session.client.find_products(list(names.values()))
    absent = {
        key: name
        for (key, name), answer in zip(names.items(), answers, strict=True)
        if isinstance(answer, ProductRead) and answer.product is None
    }
    await _move(session, absent)


async def is_unlisted(sweep: Sweep) -> bool:
    """Whether a move is under way whose products have not all been listed since it began."""
    move = await _read_move(sweep.session)
    return move is not None and not move.listed


async def tell_dry_run(sweep: Sweep) -> None:
    """Say why a comparison that changes nothing finds so much missing."""
    move = await _read_move(sweep.session)
    if move is not None:
        sweep.report.notes.append(IN_DRY_RUN.format(move=move))


async def finish_move(sweep: Sweep) -> None:
    """After a whole sweep: all that the source shows is moved."""
    move = await _read_move(sweep.session)
    if move is None:
        return
    left = await in_thread(
        sweep.session.store.run, lambda tx: finish_listing(tx, now=sweep.session.now())
    )
    sweep.report.notes.append(MOVED.format(moved=move.moved))
    if left:
        sweep.report.notes.append(LEFT.format(left=left))


async def _move(session: Session, names: Mapping[ProductKey, str]) -> set[ProductKey]:
    """Move keys in small transactions, with pauses; answers the uuids of what was moved."""
    moved: set[ProductKey] = set()
    keys = sorted(names)
    for start in range(0, len(keys), ROWS_A_TRANSACTION):
        some = {key: names[key] for key in keys[start : start + ROWS_A_TRANSACTION]}
        began = time.monotonic()
        move = partial(move_keys, names=some, now=session.now())
        moved |= await in_thread(session.store.run, move)
        if len(keys) > ROWS_A_TRANSACTION:
            await asyncio.sleep(time.monotonic() - began)  # deliveries get every other turn
    return moved


async def _read_move(session: Session) -> KeyMove | None:
    def read() -> KeyMove | None:
        with session.store.read() as tx:
            return read_move(tx)

    return await in_thread(read)
