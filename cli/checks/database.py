"""The store's database: there, of this code's schema, writable, with room, on the right time."""

from contextlib import closing
from datetime import timedelta

from cli.checks.finding import Findings
from cli.output import say_span
from flows.retention import Room, read_rooms
from flows.run import format_bytes
from settings import Settings
from storage import (
    Store,
    StoreAhead,
    StoreBehind,
    StoreError,
    StoreMissing,
    StoreUnreachable,
    open_store,
)
from storage.database import REVISIONS, Condition, read_condition, try_write

PART = "database"
PATIENCE = timedelta(seconds=2)
NO_BYTES = 100 * 1024**2
CLOCK_DOUBT = timedelta(seconds=30)


def check_database(settings: Settings, found: Findings) -> None:
    """Open it as every command does, and try it."""
    try:
        with closing(open_store(settings.database_url, busy_timeout=PATIENCE)) as store:
            _check_open(settings, store, found)
    except StoreError as error:
        _report(error, settings, found)


def _check_open(settings: Settings, store: Store, found: Findings) -> None:
    condition = read_condition(store)
    size = format_bytes(condition.size_bytes)
    found.ok("reachable", f"{settings.database_label}: {condition.version}, {size}")
    found.ok("schema", f"{REVISIONS[-1]}, which is this code's")
    _check_room(settings, condition, found)
    _check_clock(condition, found)
    try_write(store)
    found.ok("writable", "takes writes")


def _check_room(settings: Settings, condition: Condition, found: Findings) -> None:
    """Look at the disks that fill: the store's, and that of our own Prefect server."""
    folders = [condition.file.parent] if condition.file else []
    if settings.prefect_api_url is None:
        folders.append(settings.prefect_home)
    if condition.file is None:
        found.note("room", "only the PostgreSQL server knows how much its disk has left")
    for room in read_rooms(folders):
        report_room(room, found)


def report_room(room: Room, found: Findings) -> None:
    """Judge a disk as housekeeping does."""
    if room.free < NO_BYTES:
        how = f"{room.describe()}: writes fail, and deliveries are refused"
        found.broken("room", how, "make room")
    elif room.is_little:
        found.warn("room", room.describe(), "make room: a busy day may take more")
    else:
        found.ok("room", room.describe())


def _check_clock(condition: Condition, found: Findings) -> None:
    """Leases are judged by the database's clock, whoever holds them."""
    off = abs(condition.clock_ahead)
    if off > CLOCK_DOUBT:
        side = "ahead of" if condition.clock_ahead > timedelta(0) else "behind"
        how = f"the database's clock is {say_span(off)} {side} this machine's"
        found.warn("clock", how, "set both by NTP: times in `status` and `why` are misleading")
    else:
        found.ok("clock", "the database's clock agrees with this machine's")


def _report(error: StoreError, settings: Settings, found: Findings) -> None:
    match error:
        case StoreMissing():
            found.broken("reachable", str(error).partition(": run")[0], "run `akeneo-sync migrate`")
        case StoreBehind():
            found.broken("schema", str(error).partition(": run")[0], "run `akeneo-sync migrate`")
        case StoreAhead():
            found.broken("schema", str(error), "this checkout is the older one: update it")
        case StoreUnreachable():
            how = f"{settings.database_label}: {error}"
            found.broken("reachable", how, "start it, or check SYNC_DATABASE_URL")
        case _:
            found.broken("writable", str(error), "find who holds the lock, or make room")
