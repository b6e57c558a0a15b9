"""Doubts of what the source shows: filter, counts, failing lists, lost events, hidden values.

Used from outside: these names, by the sweeps alone.
"""

from flows.sweeps.doubts.count_check import (
    count_or_none,
    find_difference,
    judge_count,
    judge_list,
    judge_products,
    keep_known_surplus,
    read_short,
    read_standing,
)
from flows.sweeps.doubts.failing_lists import PRODUCTS, contain_list, tell_of_failing_lists
from flows.sweeps.doubts.filter_probe import note_printing, probe_once
from flows.sweeps.doubts.lost_events import count_missed, watch_deliveries
from flows.sweeps.doubts.visibility import MOVED, has_visibility_moved, note_begun, note_whole

__all__ = [
    "MOVED",
    "PRODUCTS",
    "contain_list",
    "count_missed",
    "count_or_none",
    "find_difference",
    "has_visibility_moved",
    "judge_count",
    "judge_list",
    "judge_products",
    "keep_known_surplus",
    "note_begun",
    "note_printing",
    "note_whole",
    "probe_once",
    "read_short",
    "read_standing",
    "tell_of_failing_lists",
    "watch_deliveries",
]
