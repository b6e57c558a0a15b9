"""The one place where the flows' layer leaves the event loop: storage is synchronous."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

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
