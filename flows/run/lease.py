"""Lease kept alive while its holder works; the holder is stopped when it is lost."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from pim.errors import SyncError
from storage import StoreError

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # of sweeps and of the call budget; a drain's is a setting
RENEWALS_PER_LEASE = 4  # 60 s are renewed every 15 s: three renewals may fail before it lapses


class LeaseLost(SyncError):  # noqa: N818 - named like the event it reports
    """Somebody else took over what this run held; nothing more may be written under it."""


@asynccontextmanager
async def kept_lease(
    renew: Callable[[], Awaitable[bool]], lease: timedelta, *, what: str
) -> AsyncIterator[None]:
    """Renew `renew` every quarter of `lease`, whatever the body is waiting for.

    Raises LeaseLost in the body's place as soon as a renewal answers False. A renewal that
    raises is tried again: only the store's answer tells that the lease is lost.
    """
    holder = asyncio.current_task()
    if holder is None:
        raise RuntimeError("kept_lease needs a running task")
    lost = asyncio.Event()
    renewals = asyncio.create_task(_renew_until_lost(renew, lease, what, holder, lost))
    try:
        yield
    except asyncio.CancelledError:
        if lost.is_set() and holder.uncancel() == 0:
            raise LeaseLost(f"the lease of {what} was lost: another run took over") from None
        raise
    finally:
        renewals.cancel()
        await asyncio.gather(renewals, return_exceptions=True)


async def _renew_until_lost(
    renew: Callable[[], Awaitable[bool]],
    lease: timedelta,
    what: str,
    holder: asyncio.Task[object],
    lost: asyncio.Event,
) -> None:
    while True:
        await asyncio.sleep(lease.total_seconds() / RENEWALS_PER_LEASE)
        try:
            held = await renew()
        except StoreError as error:
            log.warning("could not renew the lease of %s: %s", what, error)
            continue
        if not held:
            lost.set()
            holder.cancel()
            return
