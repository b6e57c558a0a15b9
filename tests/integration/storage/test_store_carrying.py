"""References carried over to their new form, in steps: exactly, after a kill, and beside others."""

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy import inspect, select, text

from storage import Store, StoreBehind, StoreMissing, migrate, open_store
from storage.database.connections import make_engine, parse_url
from storage.references import PLACE, users_of
from storage.tables import ReferenceName, ReferenceUser, table_of
from tests.former_schema import move_schema
from tests.store_builders import deliver, make_event, uuid_of
from tests.store_fixtures import BUSY

FORMER = "0015_webhooks"
MANY = 430  # products: some steps, and two blocks

Row = tuple[str, str, str, str]


def rows_of(product: int) -> list[Row]:
    key = uuid_of(product)
    return [
        ("family", "", "lamps", key),
        ("option", "colour", f"red-{product % 7}", key),
        ("attribute", "", f"a{product % 11}", key),
        ("product", "", uuid_of(product + 1), key),
    ]


@pytest.fixture(params=["sqlite", "postgres"])
def former_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of the revision before, with products that refer to things."""
    if request.param == "sqlite":
        (tmp_path / "former.db").touch()
        url = f"sqlite:///{tmp_path}/former.db"
    else:
        server: str = request.getfixturevalue("postgres_server")
        with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS former WITH (FORCE)")
            connection.execute("CREATE DATABASE former")
        url = server.format("former")
    rows = [row for product in range(MANY) for row in rows_of(product)]
    with opened(url) as store, store.transaction() as tx:
        move_schema(command.upgrade, tx.connection, FORMER)
        tx.execute_plain("INSERT INTO product_reference VALUES (?, ?, ?, ?)", [*rows])
    return url


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """The store as those have it who opened it before."""
    with closing(Store(make_engine(parse_url(url), busy_timeout=BUSY), busy_timeout=BUSY)) as store:
        yield store


def read_both_ways(store: Store) -> tuple[set[Row], set[Row]]:
    """Who uses what, by the users of each name, and by the names of each product."""
    names = table_of(ReferenceName)
    with store.read() as tx:
        known = {row.id: tuple(row[1:]) for row in tx.execute(select(names))}
        by_name = {
            (*name, key) for name in known.values() for key in tx.execute(users_of(*name)).scalars()
        }
        places = tx.execute(select(PLACE.c.product_key, PLACE.c.names))
        by_product = {(*known[each], row.product_key) for row in places for each in row.names}
    return by_name, by_product


def expected() -> set[Row]:
    return {row for product in range(MANY) for row in rows_of(product)}


def test_all_references_are_carried_over_and_nothing_else(former_url: str) -> None:
    migrate(former_url)
    with closing(open_store(former_url)) as store:
        assert read_both_ways(store) == (expected(), expected())
        with store.read() as tx:
            words = [
                word for row in tx.execute(select(table_of(ReferenceUser))) for word in row[2:]
            ]
            tables = set(inspect(tx.connection).get_table_names())
    assert sum(word.bit_count() for word in words) == len(expected())
    assert not {name for name in tables if name.startswith(("product_reference", "carry"))}


KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from storage import migrate

steps = 0

@event.listens_for(Engine, "after_cursor_execute")
def kill(connection, cursor, statement, parameters, context, many):
    global steps
    steps += statement.startswith("INSERT INTO reference_user")
    if steps == 3:
        os.kill(os.getpid(), signal.SIGKILL)

migrate(sys.argv[1])
"""


def kill_in_the_third_step(url: str) -> None:
    root = Path(__file__).parents[3]
    arguments = [sys.executable, "-c", textwrap.dedent(KILLED), url]
    ended = subprocess.run(arguments, cwd=root, check=False, timeout=120)  # noqa: S603 - ours
    assert ended.returncode == -signal.SIGKILL


def test_a_killed_migration_goes_on_where_it_was(former_url: str) -> None:
    kill_in_the_third_step(former_url)
    with opened(former_url) as store, store.read() as tx:
        carried = {row.product_key: row for row in tx.execute(select(PLACE))}
        last = tx.execute(text("SELECT position FROM carry_position")).scalar_one()
    assert (len(carried), last) == (200, uuid_of(199))
    migrate(former_url)
    with closing(open_store(former_url)) as store:
        assert read_both_ways(store) == (expected(), expected())
        with store.read() as tx:
            now = {row.product_key: row for row in tx.execute(select(PLACE))}
    assert {key: now[key] for key in carried} == carried


def test_deliveries_are_taken_while_it_goes_on(former_url: str) -> None:
    kill_in_the_third_step(former_url)
    with opened(former_url) as receiver, ThreadPoolExecutor() as pool:
        told = 0
        assert deliver(receiver, make_event(told)).accepted == 1
        migrating = pool.submit(migrate, former_url)
        while not migrating.done():
            # As between deliveries: who writes again at once leaves nobody else a turn on SQLite.
            wait([migrating], timeout=0.2)
            told += 1
            assert deliver(receiver, make_event(told)).accepted == 1
        migrating.result()
        with receiver.read() as tx:
            stored = tx.execute(text("SELECT count(*) FROM inbox_event")).scalar_one()
    assert stored == told + 1


def test_meanwhile_the_store_is_of_the_revision_before_and_old_workers_write_nothing(
    former_url: str,
) -> None:
    kill_in_the_third_step(former_url)
    with pytest.raises(StoreBehind, match=f"at {FORMER}.*run `akeneo-sync migrate`"):
        open_store(former_url)
    with (
        opened(former_url) as worker,
        pytest.raises(StoreMissing, match="run `akeneo-sync migrate`"),
        worker.transaction() as tx,
    ):
        tx.execute(text("DELETE FROM product_reference"))


def test_it_can_be_taken_back(former_url: str) -> None:
    migrate(former_url)
    with opened(former_url) as store, store.transaction() as tx:
        move_schema(command.downgrade, tx.connection, FORMER)
        rows = tx.execute(
            text("SELECT kind, parent_key, code_key, product_key FROM product_reference")
        )
        assert {tuple(row) for row in rows} == expected()
    migrate(former_url)
    open_store(former_url).close()
