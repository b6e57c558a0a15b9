"""Transactions, locks and order numbers."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from storage import Store, StoreNotWritable, open_store
from storage.database import KeptStatement
from storage.database.store import Transaction
from storage.errors import StoreRace
from storage.state.alarms import list_alarms, raise_alarm
from storage.tables import MetricRow, table_of
from tests.store_builders import NOW

_NORMAL, _FULL = 1, 2
"""How SQLite numbers them."""


@pytest.fixture
def impatient(store_url: str) -> Iterator[Store]:
    """A second opening of the same database, as another process has it; waits 0.2 s."""
    opened = open_store(store_url, busy_timeout=timedelta(seconds=0.2))
    yield opened
    opened.close()


def _raise(tx: Transaction, name: str) -> None:
    raise_alarm(tx, name=name, text="test", now=NOW)


def _names(store: Store) -> list[str]:
    with store.read() as tx:
        return [alarm.name for alarm in list_alarms(tx)]


def test_an_exception_undoes_the_transaction(store: Store) -> None:
    def work(tx: Transaction) -> None:
        _raise(tx, "never")
        raise LookupError

    with pytest.raises(LookupError):
        store.run(work)
    assert _names(store) == []


def test_numbers_rise_over_threads_and_openings(store: Store, impatient: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(lambda n: (store, impatient)[n % 2].draw_number(), range(80)))
    assert len(set(drawn)) == 80
    assert store.draw_number() > max(drawn)
    with impatient.transaction() as tx:
        block = tx.draw_numbers(5)
    assert block == sorted(set(block))
    assert block[0] > max(drawn)


def test_a_kept_statement_takes_one_row_or_many_whatever_it_took_before(store: Store) -> None:
    figure = table_of(MetricRow)
    put = KeptStatement(
        figure,
        lambda insert: insert.on_conflict_do_update(
            index_elements=[figure.c.name, figure.c.labels], set_={"value": insert.excluded.value}
        ).returning(figure.c.name),
    )
    written: dict[str, float] = {}
    for step, names in enumerate(["a", "abc", "b", "cde", "a"]):
        rows = [{"name": name, "labels": "", "value": float(step)} for name in names]
        with store.transaction() as tx:
            assert sorted(tx.execute_kept(put, rows).scalars()) == [*names]
        written |= dict.fromkeys(names, float(step))
    with store.read() as tx:
        stored = tx.execute(select(figure.c.name, figure.c.value).where(figure.c.labels == ""))
        assert {row.name: row.value for row in stored if row.name in written} == written


def test_what_is_stored_is_synced_to_the_disk_and_a_number_that_is_only_drawn_is_not(
    sqlite_url: str,
) -> None:
    with closing(open_store(sqlite_url)) as store:
        for _ in range(2):  # on one connection, in turns
            store.draw_number()
            with store.read() as tx:
                assert tx.execute(text("PRAGMA synchronous")).scalar_one() == _NORMAL
            with store.transaction() as tx:
                assert tx.execute(text("PRAGMA synchronous")).scalar_one() == _FULL


def test_a_read_sees_one_snapshot(store: Store) -> None:
    with store.read() as tx:
        assert list_alarms(tx) == []
        store.run(lambda other: _raise(other, "meanwhile"))
        assert list_alarms(tx) == []
    assert _names(store) == ["meanwhile"]


def test_sqlite_tells_a_writer_that_waited_too_long(sqlite_url: str) -> None:
    holder = open_store(sqlite_url)
    waiting = open_store(sqlite_url, busy_timeout=timedelta(seconds=0.1))
    with holder.transaction():
        with pytest.raises(StoreNotWritable, match="locked") as raised, waiting.transaction():
            pass
        assert raised.value.retryable
        with waiting.read() as tx:  # readers do not wait for writers
            assert list_alarms(tx) == []
    with waiting.transaction() as tx:
        _raise(tx, "later")
    holder.close()
    waiting.close()


def test_threads_of_one_process_take_turns_and_give_up_in_time(sqlite_url: str) -> None:
    store = open_store(sqlite_url, busy_timeout=timedelta(seconds=0.1))
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with store.transaction():
            inside.set()
            done.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(30)
    with pytest.raises(StoreNotWritable), store.transaction():
        pass
    done.set()
    holder.join()
    store.run(lambda tx: _raise(tx, "later"))
    assert _names(store) == ["later"]
    store.close()


def test_postgres_tells_a_writer_that_waited_too_long(postgres_url: str) -> None:
    holder = open_store(postgres_url)
    waiting = open_store(postgres_url, busy_timeout=timedelta(seconds=0.2))
    with holder.transaction() as tx:
        _raise(tx, "same")
        with pytest.raises(StoreNotWritable), waiting.transaction() as other:
            _raise(other, "same")
    holder.close()
    waiting.close()


def test_a_full_disk_is_not_writable(sqlite_url: str) -> None:
    def fill(tx: Transaction) -> None:
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()
        tx.execute(text(f"PRAGMA max_page_count = {pages}"))
        for number in range(100):
            raise_alarm(tx, name=f"alarm {number}", text="x" * 4000, now=NOW)

    with closing(open_store(sqlite_url)) as store:
        with pytest.raises(StoreNotWritable, match="full") as raised:
            store.run(fill)
        assert "\n" not in str(raised.value)


def test_a_read_only_server_is_not_writable(postgres_url: str) -> None:
    address = f"{postgres_url}&options=-c%20default_transaction_read_only%3Don"
    with (
        closing(open_store(address)) as store,
        pytest.raises(StoreNotWritable, match="read-only"),
        store.transaction() as tx,
    ):
        _raise(tx, "never")


def test_a_read_only_file_is_not_writable(sqlite_url: str) -> None:
    def work(tx: Transaction) -> None:
        tx.execute(text("PRAGMA query_only = ON"))
        _raise(tx, "never")

    with (
        closing(open_store(sqlite_url)) as store,
        pytest.raises(StoreNotWritable, match="readonly"),
    ):
        store.run(work)


def test_run_tries_a_lost_race_once_more(store: Store) -> None:
    tries: list[int] = []

    def work(tx: Transaction) -> str:
        tries.append(len(tries))
        _raise(tx, f"try {len(tries)}")
        if len(tries) == 1:
            raise StoreRace("another was faster")
        return "done"

    assert store.run(work) == "done"
    assert _names(store) == ["try 2"]


def test_run_does_not_try_for_ever(store: Store) -> None:
    tries: list[int] = []

    def work(_: Transaction) -> None:
        tries.append(1)
        raise StoreRace("another was faster")

    with pytest.raises(StoreRace):
        store.run(work)
    assert len(tries) == 2


def test_a_real_deadlock_ends_with_both_done(postgres_url: str) -> None:
    store = open_store(postgres_url)
    both = threading.Barrier(2, timeout=30)

    def work(first: str, second: str) -> None:
        met: list[bool] = []

        def cross(tx: Transaction) -> None:
            _raise(tx, first)
            if not met:
                met.append(True)
                both.wait()
            _raise(tx, second)

        store.run(cross)

    with ThreadPoolExecutor(2) as threads:
        for future in [threads.submit(work, "a", "b"), threads.submit(work, "b", "a")]:
            future.result()
    assert _names(store) == ["a", "b"]
    store.close()
