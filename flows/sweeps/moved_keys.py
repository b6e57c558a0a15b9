"""Part of sweeps in moving product keys from identifiers to uuids (`storage.products.key_move`).

Drains do theirs as they write. A full sweep goes through all that the source lists, is
resumed where it stopped, and asks for the rest by identifier: one that was whole ends it.
"""

from collections.abc import Sequence

from flows.sweeps.sweep import Sweep
from flows.write_path import move_named, read_key_move
from pim.ids import ProductKey
from pim.reads import ProductRead
from storage.products import finish_listing

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
    if await read_key_move(sweep.session) is None:
        return set()
    names = {
        read.key: read.product.identifier
        for read in reads
        if read.product is not None and read.product.identifier
    }
    return await move_named(sweep.session, names)


async def is_unlisted(sweep: Sweep) -> bool:
    """Whether a move is under way whose products have not all been listed since it began."""
    move = await read_key_move(sweep.session)
    return move is not None and not move.listed


async def tell_dry_run(sweep: Sweep) -> None:
    """Say why a comparison that changes nothing finds so much missing."""
    move = await read_key_move(sweep.session)
    if move is not None:
        sweep.report.notes.append(IN_DRY_RUN.format(move=move))


async def finish_move(sweep: Sweep) -> None:
    """After a whole sweep: all that the source shows is moved."""
    move = await read_key_move(sweep.session)
    if move is None:
        return
    left = await sweep.session.write(finish_listing, now=sweep.session.now())
    sweep.report.notes.append(MOVED.format(moved=move.moved))
    if left:
        sweep.report.notes.append(LEFT.format(left=left))
