from pathlib import Path

import pytest

from flows.retention.disks import Room, decide_disk_alarm, read_rooms
from flows.run.markdown import format_bytes

GB = 10**9


def room(free: float, total: float = 1000) -> Room:
    return Room(Path("/srv"), int(total * GB), int(free * GB))


@pytest.mark.parametrize(
    ("free", "total", "little"),
    [
        (0, 1000, True),
        (5, 1000, True),
        (6, 1000, False),  # less than a twentieth, and enough
        (2, 50, True),
        (3, 50, False),
        (1.0, 4, True),
        (1.2, 4, False),
    ],
)
def test_an_alarm_stands_while_a_disk_has_little_room(
    free: float,
    total: float,
    little: bool,  # noqa: FBT001 - a table's column
) -> None:
    assert (decide_disk_alarm([room(900), room(free, total)]) is not None) is little


def test_the_alarm_says_which_disk_and_how_much() -> None:
    assert decide_disk_alarm([room(0.4)]) == (
        "little room is left: 400.0 MB of 1000.0 GB are free on the disk of /srv"
    )


def test_folders_on_one_disk_are_measured_once_and_may_be_missing(tmp_path: Path) -> None:
    (only,) = read_rooms([tmp_path / "not" / "yet", tmp_path])
    assert only.folder == tmp_path
    assert 0 < only.free < only.total


def test_sizes_are_said_as_people_say_them() -> None:
    assert [format_bytes(n) for n in (312, 4_100, 41_000_000, 2 * GB)] == [
        "312 bytes",
        "4.1 kB",
        "41.0 MB",
        "2.0 GB",
    ]
