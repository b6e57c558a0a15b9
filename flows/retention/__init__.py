"""The housekeeping: what is past its retention is removed, and the disks' room is looked at.

Used from outside: these names; `prefect_runs` by its own, since it imports Prefect.
"""

from flows.retention.disks import Room, read_rooms
from flows.retention.report import describe_tidying
from flows.retention.run import run_housekeeping
from flows.retention.store import describe_rules

__all__ = [
    "Room",
    "describe_rules",
    "describe_tidying",
    "read_rooms",
    "run_housekeeping",
]
