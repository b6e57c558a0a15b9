"""Housekeeping in the store: small transactions, with pauses in which deliveries get their turn."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial

from flows.threads import in_thread
from flows.tidy_report import Tidied
from flows.tidy_rules import Prune, list_rules
from settings.model import Retention
from storage import Store, Transaction
from storage.retention import Cleaned, pack_bodies, read_raw_bodies, store_packed

_PACKED_AT_ONCE = 20
_SHORTEST_PAUSE = 0.005


async def tidy_store(
    store: Store, keep: Retention, *, now: datetime, ends_at: float
) -> Mapping[str, Tidied]:
    """Apply every rule until nothing is left to do, or `ends_at` (of the monotonic clock).

    Raises:
        StoreError: the store takes no writes; what was done stays done.
    """
    done: dict[str, Tidied] = {}
    for rule in list_rules(keep):
        older_than = now - rule.after
        if rule.step is None:
            step = partial(compress_some, store, older_than)
        else:
            step = partial(_in_transaction, store, rule.step, older_than)
        done[rule.name] = await _repeat(step, ends_at)
    return done


async def compress_some(store: Store, older_than: datetime) -> Cleaned:
    """Compress a few bodies; the compressing itself happens outside of any transaction."""

    def read_and_pack() -> Callable[[Transaction], Cleaned]:
        with store.read() as tx:
            bodies = read_raw_bodies(tx, older_than=older_than, limit=_PACKED_AT_ONCE)
        packed = pack_bodies(bodies)
        return lambda tx: store_packed(tx, packed)

    return await in_thread(store.run, await in_thread(read_and_pack))


async def _in_transaction(store: Store, step: Prune, older_than: datetime) -> Cleaned:
    return await in_thread(store.run, lambda tx: step(tx, older_than=older_than))


async def _repeat(step: Callable[[], Awaitable[Cleaned]], ends_at: float) -> Tidied:
    """Repeat a step until it finds nothing, resting at least as long as it took."""
    rows = freed = 0
    while time.monotonic() < ends_at:
        began = time.monotonic()
        cleaned = await step()
        rows += cleaned.rows
        freed += cleaned.bytes_freed
        if not cleaned.rows:
            return Tidied(rows, freed)
        await asyncio.sleep(max(_SHORTEST_PAUSE, time.monotonic() - began))
    return Tidied(rows, freed, unfinished=True)
