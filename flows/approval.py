"""Decisions of a person on held deletions: each product is read again before it is deleted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from flows.run import (
    Session,
    in_thread,
    open_session,
    open_settings_store,
    utc_now,
    write_in,
)
from flows.write_path import store_reads, stored_identifiers
from pim.ids import ProductKey, RunId
from pim.reading import PAGE_LIMIT
from settings import Settings
from storage.products import Cause, Written, approve_holds, reject_holds
from storage.state import CallerKind

GONE = {Written.DELETED, Written.ABSENT}


@dataclass(slots=True)
class ApprovalReport:
    """What became of the held deletions, by product key."""

    deleted: list[ProductKey] = field(default_factory=list)
    still_there: list[ProductKey] = field(default_factory=list)
    kept: list[ProductKey] = field(default_factory=list)
    failed: list[tuple[ProductKey, str]] = field(default_factory=list)


async def approve_deletions(
    settings: Settings, keys: Sequence[ProductKey], *, reject: bool = False
) -> ApprovalReport:
    """Delete what is still absent from the PIM, or with `reject` keep the products.

    A product that the PIM shows again is written and its deletion withdrawn.

    Raises:
        SourceError: the PIM failed; the deletions not yet decided stay held.
        StoreError: the store is missing, behind, or takes no writes.
    """
    report = ApprovalReport()
    run_id = RunId(f"approve-{uuid4()}")
    store = await in_thread(open_settings_store, settings)
    try:
        if reject:
            await write_in(store, reject_holds, keys, run_id=run_id, now=utc_now())
            report.kept.extend(keys)
            return report
        cause = Cause("approve", run_id)
        async with open_session(settings, store, kind=CallerKind.SWEEP, cause=cause) as session:
            for start in range(0, len(keys), PAGE_LIMIT):
                await _approve(session, keys[start : start + PAGE_LIMIT], report)
    finally:
        store.close()
    return report


async def _approve(session: Session, keys: Sequence[ProductKey], report: ApprovalReport) -> None:
    stored = await stored_identifiers(session, keys)
    reads = await session.client.read_products(keys, identifiers=stored)
    # Announced by a person: these deletions use up no share.
    announced = {read.key for read in reads.read}
    written = await store_reads(session, reads.read, announced=announced, confirmed=True)
    gone = [key for key, result in written.results.items() if result.written in GONE]
    await session.write(approve_holds, gone, run_id=session.run_id, now=session.now())
    report.deleted += gone
    report.still_there += [key for key in written.results if key not in gone]
    report.failed += [(each.key, str(each.error)) for each in reads.failed]
    report.failed += written.unwritten("its deletion is still to be decided")
