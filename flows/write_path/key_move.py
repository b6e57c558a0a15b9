"""Moves of product keys from identifiers to uuids, in small transactions."""

from collections.abc import Mapping
from functools import partial

from flows.run import Pace, Session
from pim.ids import ProductKey
from storage.products import KeyMove, move_keys, read_move


async def take_along(session: Session, names: Mapping[ProductKey, str]) -> None:
    """Move what is stored under the identifiers of absent products, if nobody has those now.

    `names`: the identifiers that their events gave, with the uuids that were found absent. So a
    deletion that is told of on the way is that of the product which was stored before it.

    Raises:
        SourceError: something is wrong with the source rather than with one product.
    """
    if not names or await read_key_move(session) is None:
        return
    reads = await session.client.find_products(list(names.values()))
    nobodys = {read.key for read in reads.absent}
    await move_named(session, {k: name for k, name in names.items() if name.casefold() in nobodys})


async def move_named(session: Session, names: Mapping[ProductKey, str]) -> set[ProductKey]:
    """Move keys in small transactions; answers the uuids of what was moved."""
    moved: set[ProductKey] = set()
    pace = Pace()
    async for keys in pace.slices(session.store, sorted(names)):
        some = {key: names[key] for key in keys}
        move = partial(move_keys, names=some, now=session.now())
        moved |= await pace.write(session.store, move, rows=len(some))
    return moved


async def read_key_move(session: Session) -> KeyMove | None:
    """Read the move that is under way; None if there is none."""
    return await session.read(read_move)
