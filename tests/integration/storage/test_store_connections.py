"""Connections: what they ask for, and how they heal when the database went away under them."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text

from storage import Store, StoreError, StoreMissing, StoreUnreachable, migrate, open_store
from storage.database.store import Transaction
from storage.state.alarms import list_alarms, raise_alarm
from tests.store_builders import NOW

Outage = Callable[[], AbstractContextManager[None]]


def raise_in(store: Store, name: str) -> None:
    store.run(lambda tx: raise_alarm(tx, name=name, text="test", now=NOW))


def names_in(store: Store) -> list[str]:
    with store.read() as tx:
        return [alarm.name for alarm in list_alarms(tx)]


def ask(store: Store, sql: str) -> Any:
    with store.read() as tx:
        return tx.execute(text(sql)).scalar_one()


def test_a_restarted_server_is_used_again_by_connections_that_broke(
    postgres_url: str, postgres_outage: Outage
) -> None:
    with closing(open_store(postgres_url)) as store:
        raise_in(store, "before")
        with postgres_outage():
            with pytest.raises(StoreUnreachable) as raised:
                raise_in(store, "meanwhile")
            with pytest.raises(StoreUnreachable):
                names_in(store)
        assert "\n" not in str(raised.value)
        raise_in(store, "after")
        assert names_in(store) == ["after", "before"]


def test_a_transaction_that_the_server_did_not_survive_is_undone_and_said(
    postgres_url: str, postgres_outage: Outage
) -> None:
    with closing(open_store(postgres_url)) as store:

        def work(tx: Transaction) -> None:
            raise_alarm(tx, name="first", text="test", now=NOW)
            with postgres_outage():
                raise_alarm(tx, name="second", text="test", now=NOW)

        with pytest.raises(StoreUnreachable):
            store.run(work)
        assert names_in(store) == []


def test_a_server_still_starting_is_unreachable_and_no_defect(
    postgres_url: str, postgres_outage: Outage
) -> None:
    with postgres_outage(), pytest.raises(StoreUnreachable):
        open_store(postgres_url)
    open_store(postgres_url).close()


def test_a_lock_is_waited_for_as_long_as_the_store_was_opened_for(postgres_url: str) -> None:
    with closing(open_store(postgres_url, busy_timeout=timedelta(seconds=0.4))) as store:
        assert ask(store, "SHOW lock_timeout") == "400ms"
        assert ask(store, "SHOW timezone") == "UTC"
        assert ask(store, "SHOW transaction_isolation") == "repeatable read"
        with store.transaction() as tx:
            assert tx.execute(text("SHOW transaction_isolation")).scalar_one() == "read committed"


def test_what_the_address_says_of_a_connection_wins(postgres_url: str) -> None:
    options = "options=-c%20lock_timeout%3D7s%20-c%20search_path%3Dpublic,nowhere"
    address = f"{postgres_url}&application_name=the-shop&{options}"
    with closing(open_store(address)) as store:
        assert ask(store, "SHOW lock_timeout") == "7s"
        assert ask(store, "SHOW search_path") == "public,nowhere"
        assert ask(store, "SHOW application_name") == "the-shop"
        assert ask(store, "SHOW timezone") == "UTC"


def test_transport_security_is_passed_on_to_the_server(postgres_url: str) -> None:
    with closing(open_store(f"{postgres_url}&sslmode=require&sslrootcert=/none.pem")) as store:
        arguments = store.engine.dialect.create_connect_args(store.engine.url)[1]
        assert arguments["sslmode"] == "require"
        assert arguments["sslrootcert"] == "/none.pem"


@pytest.mark.parametrize("option", ["sslmod=require", "prepare_threshold=sometimes"])
def test_an_option_that_is_none_is_named(option: str) -> None:
    with pytest.raises(StoreError, match=option.partition("=")[0]) as raised:
        open_store(f"postgresql://someone:geheim@127.0.0.1:1/shop?{option}")
    assert "geheim" not in str(raised.value)


def test_behind_a_pooler_no_statement_is_prepared_and_no_session_is_relied_on(
    postgres_url: str,
) -> None:
    with closing(open_store(f"{postgres_url}&prepare_threshold=none")) as store:

        @event.listens_for(store.engine, "checkin")
        def get_another_session(connection: psycopg.Connection, _record: object) -> None:
            connection.autocommit = True
            connection.execute("DISCARD ALL")
            connection.autocommit = False

        for number in range(10):
            raise_in(store, f"alarm {number}")
            assert len(names_in(store)) == number + 1
        with store.read() as tx:
            for _ in range(10):
                list_alarms(tx)
            prepared = tx.execute(text("SELECT count(*) FROM pg_prepared_statements"))
            assert prepared.scalar_one() == 0


def test_nothing_is_committed_into_a_file_that_was_removed(sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    with closing(open_store(sqlite_url)) as store:
        raise_in(store, "before")
        file.unlink()
        with pytest.raises(StoreUnreachable, match=str(file)):
            raise_in(store, "meanwhile")
        assert not file.exists()  # and it was not made anew
        file.touch()
        with pytest.raises(StoreMissing, match="run `akeneo-sync migrate`"):
            raise_in(store, "too early")
        migrate(sqlite_url)
        raise_in(store, "after")
        assert names_in(store) == ["after"]


def test_tables_that_were_dropped_are_missed_with_the_cure(postgres_url: str) -> None:
    def work(tx: Transaction) -> None:
        tx.execute(text("ALTER TABLE alarm RENAME TO alarm_gone"))
        list_alarms(tx)

    with (
        closing(open_store(postgres_url)) as store,
        pytest.raises(StoreMissing, match="run `akeneo-sync migrate`"),
    ):
        store.run(work)
