from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from storage.database.schema import open_store
from storage.database.store import Store
from tests.prefect_fixtures import prefect_server

__all__ = ["prefect_server"]

# As the receiver opens it: less busy than a delivery is waited for.
_BUSY = timedelta(seconds=0.3)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A fresh store, once of each kind."""
    with closing(open_store(store_url, busy_timeout=_BUSY)) as opened:
        yield opened


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    with closing(open_store(sqlite_url, busy_timeout=_BUSY)) as opened:
        yield opened


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[Store]:
    with closing(open_store(postgres_url, busy_timeout=_BUSY)) as opened:
        yield opened
