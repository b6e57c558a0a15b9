"""Run of the tests that know time, while the clock stands elsewhere: `make shifted`.

More than a year ahead, from 28 into 29 February, and across both changes of summer time: so that a
test, or code, that holds only today turns red today. libfaketime (Debian: `faketime`) moves the
wall clock of the tests' process and of every process that it starts.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[1]

KNOW_DATES = (
    "tests/unit/flows",
    "tests/unit/pim",
    "tests/unit/storage",
    "tests/unit/receiver",
    "tests/property/test_pim_local_times.py",
    "tests/integration/storage/test_store_retention.py",
    "tests/integration/storage/test_store_watermarks.py",
    "tests/integration/pim/test_pim_zone_check.py",
    "tests/integration/deployments/test_missed_runs.py",
    "tests/integration/flows/test_housekeeping.py",
)
"""What reckons with days, local times and zones: played on each odd day."""

KNOW_TIME = (
    *KNOW_DATES,
    "tests/integration/storage/test_store_door.py",
    "tests/integration/storage/test_store_holds.py",
    "tests/integration/storage/test_store_listed_events.py",
    "tests/integration/storage/test_store_operation.py",
    "tests/integration/storage/test_store_sweeps.py",
    "tests/integration/storage/test_store_unstored.py",
)
"""What judges ages, leases, watermarks and clocks: played more than a year on."""

LEFT_OUT = {
    "tests/postgres_process.py": (
        "no test on PostgreSQL: its own timers never fire under libfaketime, so that a wait for a "
        "lock lasts for ever; what the store's SQL says of time is the same on SQLite"
    ),
    "tests/integration/deployments/test_housekeeping_run.py": (
        "a Prefect server takes as long to start as a whole shift; what housekeeping judges by the "
        "clock is played without one"
    ),
    "tests/integration/deployments/test_tidy_runs.py": "it needs a Prefect server, as above",
    "tests/integration/flows": (
        "whole drains and sweeps against the simulated PIM take minutes a shift; what they decide "
        "by a clock is in tests/unit/flows, and housekeeping is played whole"
    ),
    "tests/integration/cli": "they show what the store and the units above decide",
    "tests/drill": "they last for hours; the code that they kill is played by the tests above",
    "tests/e2e": "a whole `up` is a minute of starting processes, and asks for no date",
}
"""What the faked clock does not play, and why."""

MOVED = {
    # A monotonic clock that jumps ends no timer: locks and event loops would wait for years.
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    # Files bear the real time: what looks for files that changed compares them with each other.
    "NO_FAKE_STAT": "1",
    # CPython's own `time.sleep` fails where the monotonic clock is left alone.
    "PYTHONPATH": str(ROOT / "scripts" / "shifted"),
}
"""What a faked clock breaks by nature, and how it is kept whole."""

_BEFORE = timedelta(seconds=20)
"""So long before midnight, or the change, a run begins: half of its tests see it come."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Where the clock stands as a run begins, and the machine's zone."""

    name: str
    begins: datetime
    tests: tuple[str, ...] = KNOW_DATES
    zone: str = "UTC"


def list_shifts(now: datetime) -> Iterator[Shift]:
    """Every clock to play under, none of them a date that will have passed."""
    leap = next(year for year in range(now.year + 2, now.year + 10) if _is_leap(year))
    leap_day = datetime(leap, 2, 29, tzinfo=UTC)
    yield Shift("more than a year ahead, into 29 February", leap_day - _BEFORE, KNOW_TIME)
    begins, _ = _changes("Europe/Paris", now.year + 1)
    yield Shift("summer time begins", begins - _BEFORE, zone="Europe/Paris")
    _, ends = _changes("America/New_York", now.year + 1)
    yield Shift("summer time ends", ends - _BEFORE, zone="America/New_York")


def _is_leap(year: int) -> bool:
    return (datetime(year, 3, 1, tzinfo=UTC) - timedelta(days=1)).day == 29  # noqa: PLR2004 - February's


def _changes(zone: str, year: int) -> tuple[datetime, datetime]:
    """When the clocks of a northern zone are put forward in that year, and when back."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=each) for each in range(365 * 24)]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    forward, back = (
        hour
        for hour, one, next_ in zip(hours[1:], offsets, offsets[1:], strict=False)
        if one != next_
    )
    return forward, back


def find_library() -> Path | None:
    """Where this distribution puts libfaketime, for whatever machine it is."""
    folders = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
    places = ("*/faketime/libfaketimeMT.so.1", "faketime/libfaketimeMT.so.1")
    found = [path for folder in folders for place in places for path in Path(folder).glob(place)]
    return min(found, default=None)


def play(shift: Shift, library: Path, arguments: list[str]) -> int:
    """Run the tests under a shifted clock; answer pytest's exit code."""
    seconds = round((shift.begins - datetime.now(UTC)).total_seconds())
    print(f"== {shift.name}: {shift.begins:%Y-%m-%d %H:%M:%S} UTC, TZ={shift.zone}", flush=True)
    env = {
        **os.environ,  # noqa: TID251 - a process needs PATH
        **MOVED,
        "LD_PRELOAD": str(library),
        "FAKETIME": f"{seconds:+d}",  # relative: every process that is started sees the same time
        "TZ": shift.zone,
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.call(  # noqa: S603 - our own command line
        [
            *command,
            "-n",
            "3",
            "--dist",
            "loadgroup",
            "-m",
            "not drill and not long",
            "-k",
            "not postgres",
            *arguments,
        ],
        env=env,
        cwd=ROOT,
    )


def main(arguments: list[str]) -> int:
    """Play every shift, or say in one line why not; `arguments` replace the tests."""
    library = find_library()
    if library is None:
        sys.stderr.write("libfaketime is not there. Debian and Ubuntu: apt-get install faketime\n")
        return 1
    for shift in list_shifts(datetime.now(UTC)):
        if code := play(shift, library, arguments or list(shift.tests)):
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
