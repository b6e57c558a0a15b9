"""The one place where the flows' layer leaves the event loop: storage is synchronous."""

import asyncio
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from storage import Store, Transaction

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a synchronous storage call in a worker thread and finish it even when cancelled.

    A transaction once begun must not be orphaned by a cancellation: its thread would go on
    holding SQLite's only write lock while the clean-up waits for it. So a cancellation is
    delivered after the call has ended (each is bounded by the store's own time-outs).
    """
    call = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(call)
    except asyncio.CancelledError:
        if not call.done():
            await asyncio.wait({call})
        raise


async def read_in(
    store: Store,
    work: Callable[Concatenate[Transaction, P], T],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Do `work`, which writes nothing, in a transaction that sees one snapshot."""

    def read() -> T:
        with store.read() as tx:
            return work(tx, *args, **kwargs)

    return await in_thread(read)


async def write_in(
    store: Store,
    work: Callable[Concatenate[Transaction, P], T],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Do `work` in a write transaction; once more after a lost race."""
    return await in_thread(store.run, lambda tx: work(tx, *args, **kwargs))
