"""The store fails under a running receiver: what is answered, and that it heals without a hand."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import httpx
import psycopg
import pytest
from sqlalchemy import Engine, event

from storage.database.store import Store
from storage.state.alarms import list_alarms
from tests.integration.receiver.receiver_scene import (
    Receiver,
    a_batch,
    locked,
    refusals,
    running,
)
from tests.integration.receiver.receiver_scene import event as an_event
from tests.scraped import parse_scrape

pytestmark = pytest.mark.anyio

Outage = Callable[[], AbstractContextManager[None]]


async def ready(receiver: Receiver) -> tuple[int, str]:
    answer = await receiver.client.get("/readyz")
    return answer.status_code, answer.text


async def deliver(receiver: Receiver) -> httpx.Response:
    return await receiver.deliver(a_batch(an_event()))


async def assert_outage_is_told(receiver: Receiver, why: str) -> None:
    """A delivery is refused in one line without insides; `/readyz` says why."""
    refused = await deliver(receiver)
    assert refused.status_code == 503
    assert refused.json() == {"detail": "the store could not be written in time"}
    status, reason = await ready(receiver)
    assert status == 503
    assert why in reason


async def assert_healed(receiver: Receiver, *, due: int) -> None:
    """Deliveries are taken again, and those that were refused are stored after all."""
    answer = await deliver(receiver)
    while answer.status_code == 503:  # the writer may still wait before it tries again
        due += 1
        answer = await deliver(receiver)
    assert answer.status_code == 200
    assert (await ready(receiver))[0] == 200
    assert receiver.due() == due


@contextmanager
def a_person_in_the_shell(store: Store) -> Iterator[None]:
    file = store.engine.url.database or ""
    with closing(sqlite3.connect(file, isolation_level=None)) as shell:
        shell.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def full_disk(engine: Engine) -> Iterator[None]:
    """No page more than there are now, for every connection."""

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # never less than there are

    event.listen(engine, "checkout", limit)
    try:
        yield
    finally:
        event.remove(engine, "checkout", limit)
        engine.dispose()  # the limit is the connection's


_END_OURS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'akeneo-sync'
"""


@contextmanager
def read_only(url: str) -> Iterator[None]:
    """The server takes no writes, as a stand-by does after a failover."""
    with psycopg.connect(url, autocommit=True) as admin:
        name = admin.info.dbname
        try:
            admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            admin.execute(_END_OURS)
            yield
        finally:
            admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
            admin.execute(_END_OURS)


async def test_a_person_in_the_sqlite_shell(sqlite_store: Store) -> None:
    async with running(sqlite_store, answer_seconds=0.4) as receiver:
        await deliver(receiver)
        with a_person_in_the_shell(sqlite_store):
            await assert_outage_is_told(receiver, "database is locked")
        await assert_healed(receiver, due=3)


async def test_a_full_disk(sqlite_store: Store) -> None:
    async with running(sqlite_store, answer_seconds=0.4) as receiver:
        await deliver(receiver)
        with full_disk(sqlite_store.engine):
            refused = await receiver.deliver(a_batch(*(an_event() for _ in range(200))))
            assert refused.status_code == 503
            assert (await ready(receiver))[0] == 503
            shown = parse_scrape((await receiver.client.get("/metrics")).text)
            assert (shown.value("store_up"), shown.value("store_writable")) == (1, 0)
            assert shown.by("alarm", "name") == {"store-not-writable": 1}
        await assert_healed(receiver, due=202)


async def test_a_restarted_server(postgres_store: Store, postgres_outage: Outage) -> None:
    async with running(postgres_store, answer_seconds=0.4) as receiver:
        await deliver(receiver)
        with postgres_outage():
            await assert_outage_is_told(receiver, "refuses")
            assert (await deliver(receiver)).status_code == 503
        await assert_healed(receiver, due=4)
    assert refusals(postgres_store)["store_not_writable"].count >= 2


async def test_a_server_that_became_read_only(postgres_store: Store, postgres_url: str) -> None:
    async with running(postgres_store, answer_seconds=0.4) as receiver:
        await deliver(receiver)
        with read_only(postgres_url):
            await assert_outage_is_told(receiver, "read-only")
        await assert_healed(receiver, due=3)


async def test_what_could_not_be_stored_at_all_is_an_alarm_until_a_sweep_made_up_for_it(
    store: Store,
) -> None:
    async with running(store, answer_seconds=30, insist_seconds=0) as receiver:
        with locked(store):
            answers = [await deliver(receiver) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [503] * 3
    counted = {reason: each.count for reason, each in refusals(store).items()}
    assert counted == {"store_not_writable": 3, "never_stored": 3}
    with store.read() as tx:
        (alarm,) = list_alarms(tx)
    assert alarm.name == "refused"
    assert alarm.text.startswith("3 deliveries were refused and never stored")
    assert "refuses: " in alarm.text
