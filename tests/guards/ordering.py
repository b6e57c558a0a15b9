"""Promises about which state of a product wins, and whose writes count."""

from tests.guards.guard import FLOWS, PROPERTY, STORE, UNIT, Guard, named

_WRITES = f"{STORE}/test_store_write_guard.py"
_CHUNKS = f"{STORE}/test_store_chunks.py"
_DECISIONS = f"{UNIT}/pim/test_pim_decisions.py"

ORDERING = (
    Guard(
        "the later read wins, and the SQL of the write says so",
        "storage/products/writing.py",
        "where=and_(insert.excluded.read_from > _PRODUCT.c.read_to, *more),",
        "where=and_(insert.excluded.read_from > 0, *more),",
        (
            *named(f"{_WRITES}", "test_an_absence_makes_a_tombstone_that_older_reads_cannot_undo"),
            *named(
                f"{PROPERTY}/test_ordering_sql.py",
                "test_when_all_is_quiet_the_store_equals_the_source",
            ),
        ),
    ),
    Guard(
        "an unchanged item of the structure is as young as the read that saw it again",
        "storage/catalog/writing.py",
        ".values(read_from=interval.read_from, read_to=interval.read_to)",
        ".values(read_from=ITEM.c.read_from, read_to=ITEM.c.read_to)",
        named(
            f"{STORE}/test_store_catalog.py",
            "test_an_older_read_neither_overwrites_nor_brings_back",
        ),
    ),
    Guard(
        "edits of one second, and inherited ones that leave `updated` alone, are written",
        "storage/products/writing.py",
        "insert.excluded.updated >= _PRODUCT.c.updated,",
        "insert.excluded.updated > _PRODUCT.c.updated,",
        named(f"{_WRITES}", "test_an_inherited_change_is_written_although_updated_stands_still"),
    ),
    Guard(
        "an older `updated` over a live product is confirmed by another read before it is written",
        "storage/products/writing.py",
        "insert.excluded.updated >= _PRODUCT.c.updated,",
        "insert.excluded.updated.is_not(None),",
        named(f"{_WRITES}", "test_an_older_updated_over_a_live_row_must_be_confirmed"),
    ),
    Guard(
        "an event as old as the stored state, within the doubt of clocks, is read",
        "pim/decision.py",
        "    if stored.updated - resource_updated > clock_doubt:\n",
        "    if stored.updated >= resource_updated:\n",
        named(f"{_DECISIONS}", "test_within_the_doubt_an_event_is_read"),
    ),
    Guard(
        "an event that came while the stored read was under way is read",
        "pim/decision.py",
        "    if number < stored.read_from:\n",
        "    if number < stored.read_to:\n",
        named(f"{_DECISIONS}", "test_an_event_told_after_the_stored_read_began_is_read"),
    ),
    Guard(
        "a deleted product that is created again is read, whatever the date of its event",
        "pim/decision.py",
        "    if stored.deleted or stored.updated is None or resource_updated is None:\n",
        "    if stored.updated is None or resource_updated is None:\n",
        named(f"{_DECISIONS}", "test_a_tombstone_makes_no_event_outdated"),
    ),
    Guard(
        "reads that overlap and disagree are read again, not dropped",
        "pim/decision.py",
        "    return NotWritten.CONTENDED\n",
        "    return NotWritten.OUTDATED\n",
        (
            *named(f"{_DECISIONS}", "test_overlapping_reads_that_disagree_are_contended"),
            *named(f"{_WRITES}", "test_reads_that_overlap_and_disagree_are_to_be_read_again"),
        ),
    ),
    Guard(
        "a removal is believed only after a read: one that is late does not delete what came back",
        "flows/drain/enrich.py",
        "    writes, unrendered = await render_reads(session, shown, announced=announced)\n",
        "    found = [\n"
        "        ProductRead(read.key, read.interval, None)\n"
        "        if any(event.removed for event in wanted[read.key])\n"
        "        else read\n"
        "        for read in shown\n"
        "    ]\n"
        "    writes, unrendered = await render_reads(session, found, announced=announced)\n",
        named(
            f"{FLOWS}/test_misleading_tales.py", "test_a_late_removal_leaves_what_was_created_again"
        ),
    ),
    Guard(
        # Events of the Event Platform come whatever the connection may see.
        "what the source does not show and the store never held becomes no tombstone",
        "flows/drain/enrich.py",
        "    return all(is_platform_type(event.action) and not event.removed ",
        "    return any(event is None ",
        named(
            f"{FLOWS}/test_platform_events.py",
            "test_what_the_connection_may_not_see_becomes_no_tombstone",
        ),
    ),
    Guard(
        "an event of the structure reaches the documents that show it, without a sweep",
        "flows/drain/structure.py",
        "        await work_off_marks(session, kind=kind)\n",
        "        pass\n",
        named(
            f"{FLOWS}/test_platform_events.py",
            "test_an_option_s_new_label_is_in_all_documents_and_no_product_is_read",
        ),
    ),
    Guard(
        "a drain taken for dead settles nothing more: the door's generation is in the statement",
        "storage/inbox/settling.py",
        "        _EVENT.c.taken_by == generation,\n        is_door_open(generation),\n",
        "",
        named(
            f"{_CHUNKS}",
            "test_a_drain_taken_for_dead_settles_nothing_more",
            "test_a_drain_whose_door_is_closed_settles_nothing_more",
        ),
    ),
    Guard(
        "an event that kills its process does not loop: its attempt counts when it is taken",
        "storage/inbox/due_events.py",
        "        attempts=_EVENT.c.attempts + 1, taken_by=generation, taken_at=tx.clock(),",
        "        taken_by=generation, taken_at=tx.clock(),",
        named(
            f"{_CHUNKS}",
            "test_a_dead_drains_events_are_taken_again_and_their_attempt_stays_counted",
        ),
    ),
    Guard(
        "a source that fails costs no event an attempt",
        "storage/inbox/settling.py",
        "        .where(is_open(), _EVENT.c.taken_by == generation)\n"
        "        .values(attempts=_EVENT.c.attempts - 1, taken_by=None, taken_at=None)\n",
        "        .where(is_open(), _EVENT.c.taken_by == generation)\n"
        "        .values(taken_by=None, taken_at=None)\n",
        named(
            f"{FLOWS}/test_drain_outcomes.py",
            "test_a_failing_source_costs_no_attempt_and_blocks_until_it_is_back",
        ),
    ),
)
