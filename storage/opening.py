"""Opening a store: only a database that is there, with this code's schema."""

from datetime import timedelta

from storage.connect import BUSY_TIMEOUT, is_database_there, make_engine, parse_url, sqlite_file
from storage.engine import Store
from storage.errors import StoreMissing
from storage.schema import ensure_current, migrate


def open_store(url: str, *, busy_timeout: timedelta = BUSY_TIMEOUT, create: bool = False) -> Store:
    """Open the database at `url` (`sqlite:///path`, `postgresql://...`).

    `create` makes a missing SQLite file and brings the schema up to date (`up`, `migrate`).

    Raises:
        StoreMissing: no SQLite file, or no schema, and not `create`.
        StoreBehind: the schema is older than the code, and not `create`.
        StoreAhead: the schema is newer than the code.
        StoreUnreachable: the server does not answer, or the file is no database.
    """
    if create:
        migrate(url)
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
