"""The schema's version: migrate to the newest, or refuse a database that is not there yet."""

from storage.engine import Store


def migrate(url: str) -> str:
    """Bring the database at `url` to this code's schema, and answer its revision.

    Makes the SQLite file and its folder. Safe to repeat, and beside another `migrate`.

    Raises:
        StoreAhead: the schema is newer than the code.
        StoreUnreachable: the server does not answer.
    """
    raise NotImplementedError


def ensure_current(store: Store) -> None:
    """Return if the schema is this code's.

    Raises:
        StoreMissing: there is no schema at all.
        StoreBehind: it is older than the code.
        StoreAhead: it is newer than the code.
    """
    raise NotImplementedError
