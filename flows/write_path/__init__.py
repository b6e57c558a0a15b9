"""The one way by which products change: reads are rendered, absences judged, and all is written.

Used from outside: these names, by drains, sweeps, approvals and single reads.
"""

from flows.write_path.absence import are_neighbours_missing, list_releasable
from flows.write_path.key_move import move_named, read_key_move, take_along
from flows.write_path.marks import MarkReport, finish_caught_up, read_referrers, work_off_marks
from flows.write_path.names import (
    find_known_identifiers,
    find_products,
    parse_uuid,
    stored_identifiers,
)
from flows.write_path.products import (
    UNDECIDED,
    SettleSlice,
    WriteReport,
    render_reads,
    settle_nothing,
    store_reads,
    write_reads,
)

__all__ = [
    "UNDECIDED",
    "MarkReport",
    "SettleSlice",
    "WriteReport",
    "are_neighbours_missing",
    "find_known_identifiers",
    "find_products",
    "finish_caught_up",
    "list_releasable",
    "move_named",
    "parse_uuid",
    "read_key_move",
    "read_referrers",
    "render_reads",
    "settle_nothing",
    "store_reads",
    "stored_identifiers",
    "take_along",
    "work_off_marks",
    "write_reads",
]
