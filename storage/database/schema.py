"""The schema's version: migrated to the newest, or compared when a store is opened.

A store is opened only where a database is, with this code's schema.
"""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import inspect, text

from storage.database.connections import (
    BUSY_TIMEOUT,
    is_database_there,
    make_engine,
    parse_url,
    sqlite_file,
)
from storage.database.store import Store, Transaction
from storage.errors import StoreAhead, StoreBehind, StoreMissing, StoreUnreachable

REVISIONS = (
    "0001_inbox",
    "0002_products",
    "0003_probes",
    "0004_probing",
    "0005_metrics",
    "0006_housekeeping",
    "0007_watermarks",
    "0008_item_reads",
    "0009_sub_models",
    "0010_source_hash",
    "0011_event_platform",
    "0012_subscriptions",
    "0013_feed",
    "0014_documents_tell_more",
    "0015_webhooks",
    "0016_references",
)
"""Every revision in order, so that opening a store does not wait for Alembic's import."""

_MIGRATIONS = Path(__file__).parents[1] / "migrations"
_CURE = "run `akeneo-sync migrate`"


def migrate(url: str) -> str:
    """Bring the database at `url` to this code's schema, and answer its revision.

    Makes the SQLite file and its folder. Safe to repeat, and beside another `migrate`. Much is
    carried over in steps, between which others write; after a kill it goes on where it was.

    Raises:
        StoreAhead: the schema is newer than the code.
        StoreUnreachable: the server does not answer, or the folder cannot be made.
    """
    parsed = parse_url(url)
    file = sqlite_file(parsed)
    if file is not None:
        _make_file(file)
    store = Store(make_engine(parsed, busy_timeout=BUSY_TIMEOUT), busy_timeout=BUSY_TIMEOUT)
    try:
        while not _upgrade_further(store):
            pass
    finally:
        store.close()
    return REVISIONS[-1]


def _make_file(file: Path) -> None:
    """Make an empty file where there is none: a store is opened only where a file is."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnreachable(f"cannot make the folder {file.parent}: {error.strerror}") from error
    if is_database_there(file):  # raises where something else has its name
        return
    try:
        file.touch()
    except OSError as error:
        raise StoreUnreachable(f"cannot make {file}: {error.strerror}") from error


def ensure_current(store: Store) -> None:
    """Return if the schema is this code's.

    Raises:
        StoreMissing: there is no schema at all.
        StoreBehind: it is older than the code.
        StoreAhead: it is newer than the code.
    """
    with store.read() as tx:
        revision = _read_revision(tx)
    if revision is None:
        raise StoreMissing(f"the database is empty: {_CURE} or `make run`")
    _refuse_newer(revision)
    if revision != REVISIONS[-1]:
        raise StoreBehind(
            f"the database is at {revision}, this code wants {REVISIONS[-1]}: {_CURE}"
        )


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision not in REVISIONS:
        raise StoreAhead(
            f"the database is at {revision}, which this code (at {REVISIONS[-1]}) does not know:"
            " update akeneo-sync"
        )


def _read_revision(tx: Transaction) -> str | None:
    if not inspect(tx.connection).has_table("alembic_version"):
        return None
    revision: str | None = tx.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _upgrade_further(store: Store) -> bool:
    """Upgrade in one transaction, as far as nothing is to be carried over; True at the newest."""
    # Alembic takes a while to import, and only `migrate` needs it.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - same

    from storage.database.carrying import carry_on, find_carrier, give_way  # noqa: PLC0415 - same

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with store.transaction() as tx:
        tx.queue_for("migrate")
        revision = _read_revision(tx)
        _refuse_newer(revision)
        config.attributes["connection"] = tx.connection
        carrier = find_carrier(config, revision)
        if carrier is None:
            command.upgrade(config, "head")
            return True
        if revision != carrier.before:
            command.upgrade(config, carrier.before)
        if carry_on(tx, carrier.carry):
            command.upgrade(config, carrier.revision)
    give_way(store)
    return False


def open_store(url: str, *, busy_timeout: timedelta = BUSY_TIMEOUT) -> Store:
    """Open the database at `url` (`sqlite:///path`, `postgresql://...`).

    A missing SQLite file is not made: `migrate` does.

    Raises:
        StoreMissing: no SQLite file, or no schema.
        StoreBehind: the schema is older than the code.
        StoreAhead: the schema is newer than the code.
        StoreUnreachable: the server does not answer, or the file is no database.
    """
    parsed = parse_url(url)
    file = sqlite_file(parsed)
    if file is not None and not is_database_there(file):
        raise StoreMissing(f"no database at {file}: run `akeneo-sync migrate` or `make run`")
    store = Store(make_engine(parsed, busy_timeout=busy_timeout), busy_timeout=busy_timeout)
    try:
        ensure_current(store)
    except BaseException:
        store.close()
        raise
    return store
