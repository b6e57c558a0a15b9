"""Stores for tests: a fresh database each, on SQLite and on PostgreSQL (from a wheel).

Import the fixtures in a conftest: `from tests.store_fixtures import *`.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from storage import Store, migrate, open_store
from storage.tables import METADATA
from tests.postgres_process import PostgresProcess

__all__ = [
    "postgres_outage",
    "postgres_server",
    "postgres_template",
    "postgres_url",
    "sqlite_template",
    "sqlite_url",
    "store",
    "store_url",
]

BUSY = timedelta(seconds=30)
"""So long a slow machine may make others wait for their turn to write."""

_TEMPLATE = "akeneo_template"
_WORKING = "akeneo_store"


_SERVER = pytest.StashKey["PostgresProcess"]()
_MIGRATED = pytest.StashKey[str]()
_WASHER = pytest.StashKey[psycopg.Connection]()


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> str:
    """One PostgreSQL for the whole session, however many conftests import this fixture.

    Answers its address, with {} for the database's name.
    """
    return _the_server(pytestconfig).address


def _the_server(config: pytest.Config) -> PostgresProcess:
    if _SERVER not in config.stash:
        config.stash[_SERVER] = PostgresProcess.start()
        config.add_cleanup(config.stash[_SERVER].remove)
    return config.stash[_SERVER]


@pytest.fixture
def postgres_outage(
    postgres_url: str, pytestconfig: pytest.Config
) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """The server of `postgres_url` is away while the body of `with postgres_outage():` runs."""
    server = _the_server(pytestconfig)

    @contextmanager
    def away() -> Iterator[None]:
        server.kill()
        try:
            yield
        finally:
            server.start_again()

    yield away
    pytestconfig.stash[_WASHER].close()  # its connection may be dead
    pytestconfig.stash[_WASHER] = psycopg.connect(postgres_url, autocommit=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, pytestconfig: pytest.Config) -> str:
    """A migrated database that the tests' own are copied from."""
    if _MIGRATED not in pytestconfig.stash:
        pytestconfig.stash[_MIGRATED] = _make_template(postgres_server)
    return pytestconfig.stash[_MIGRATED]


def _make_template(postgres_server: str) -> str:
    with psycopg.connect(postgres_server.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_TEMPLATE}")
    migrate(postgres_server.format(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def postgres_url(
    postgres_server: str, postgres_template: str, pytestconfig: pytest.Config
) -> Iterator[str]:
    """The address of a PostgreSQL database as fresh as the template.

    One database, washed before each test: making and dropping one costs a third of a second.
    """
    if _WASHER not in pytestconfig.stash:
        pytestconfig.stash[_WASHER] = _make_working_copy(postgres_server, postgres_template)
        pytestconfig.add_cleanup(lambda: pytestconfig.stash[_WASHER].close())  # noqa: PLW0108 - the one of then
    _wash(pytestconfig.stash[_WASHER])
    yield postgres_server.format(_WORKING)
    pytestconfig.stash[_WASHER].execute(_END_OTHERS)


_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def _tables() -> list[str]:
    """List the tables, those that are referred to last."""
    return ["alembic_version", *(table.name for table in reversed(METADATA.sorted_tables))]


def _make_working_copy(postgres_server: str, template: str) -> psycopg.Connection:
    with psycopg.connect(postgres_server.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_WORKING} TEMPLATE {template}")
    washer = psycopg.connect(postgres_server.format(_WORKING), autocommit=True)
    washer.execute("CREATE SCHEMA first")
    for table in _tables():
        washer.execute(f"CREATE TABLE first.{table} AS TABLE {table}")
    return washer


def _wash(washer: psycopg.Connection) -> None:
    emptied = "".join(f"DELETE FROM {table};" for table in _tables())
    filled = "".join(
        f"INSERT INTO {table} SELECT * FROM first.{table};" for table in reversed(_tables())
    )
    washer.execute(f"BEGIN; {emptied} {filled} COMMIT; ALTER SEQUENCE order_number RESTART")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database that the tests' own are copied from."""
    file = tmp_path_factory.mktemp("sqlite-template") / "template.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite database."""
    file = tmp_path / "store.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database, once of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A fresh store, once of each kind."""
    opened = open_store(store_url, busy_timeout=BUSY)
    yield opened
    opened.close()
