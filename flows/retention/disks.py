"""Free space of the disks that hold our databases, and the alarm where little is left."""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.run import format_bytes

_GIB = 1024**3
# What the most that a PIM sends leaves behind in two days (bench/week.py), and room to work in.
ENOUGH = 5 * _GIB
SHARE = 0.05  # of a smaller disk
LEAST = 1 * _GIB


@dataclass(frozen=True, slots=True)
class Room:
    """A file system, named by a folder on it; in bytes."""

    folder: Path
    total: int
    free: int

    @property
    def is_little(self) -> bool:
        """Whether less is left than two busy days may take."""
        return self.free < max(LEAST, min(ENOUGH, int(self.total * SHARE)))

    def describe(self) -> str:
        """Say `12.3 GB of 50.0 GB are free on the disk of /srv/var`."""
        free, total = format_bytes(self.free), format_bytes(self.total)
        return f"{free} of {total} are free on the disk of {self.folder}"


def decide_disk_alarm(rooms: Iterable[Room]) -> str | None:
    """Return the alarm's text where a disk has little room left, None where all have enough."""
    little = [room.describe() for room in rooms if room.is_little]
    return f"little room is left: {'; '.join(little)}" if little else None


def read_rooms(folders: Sequence[Path]) -> tuple[Room, ...]:
    """Measure the file systems under these folders, each once; a missing folder's parent counts."""
    found: dict[int, Room] = {}
    for folder in folders:
        there = next(each for each in (folder, *folder.parents) if each.exists())
        usage = shutil.disk_usage(there)
        found.setdefault(there.stat().st_dev, Room(there, usage.total, usage.free))
    return tuple(found.values())
